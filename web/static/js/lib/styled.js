// Style sheets of what is not on the first screen.

const asked = new Map();

/** Load a style sheet once; done when it counts. What could not be had is asked for again the next time. */
export function styled(url) {
  if (!asked.has(url)) {
    asked.set(url, new Promise((done, fail) => {
      const link = document.createElement('link');
      const failed = () => {
        asked.delete(url);
        link.remove();
        fail(new Error(url));
      };
      Object.assign(link, { rel: 'stylesheet', href: url, onload: done, onerror: failed });
      document.head.append(link);
    }));
  }
  return asked.get(url);
}
