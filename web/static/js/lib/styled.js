// Style sheets of what is not on the first screen.

/** Load a style sheet; done when it counts, or when it cannot be had. */
export const styled = (url) => new Promise((done) => {
  const link = document.createElement('link');
  Object.assign(link, { rel: 'stylesheet', href: url, onload: done, onerror: done });
  document.head.append(link);
});
