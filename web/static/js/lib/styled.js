// Style sheets of what is not on the first screen.

const asked = new Map();

/** Load a style sheet once; done when it counts, or when it cannot be had. */
export function styled(url) {
  if (!asked.has(url)) {
    asked.set(url, new Promise((done) => {
      const link = document.createElement('link');
      Object.assign(link, { rel: 'stylesheet', href: url, onload: done, onerror: done });
      document.head.append(link);
    }));
  }
  return asked.get(url);
}
