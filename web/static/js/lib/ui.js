// What every view imports: markup as templates, hooks, and the one context.

import { Component, createContext, h } from '../../vendor/preact.js';
import { useContext, useEffect, useState } from '../../vendor/preact-hooks.js';
import htm from '../../vendor/htm.js';
import { styled } from './styled.js';

export { render } from '../../vendor/preact.js';
export { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from '../../vendor/preact-hooks.js';

export const html = htm.bind(h);

/** Everything that is not state: `client`, `config`, `drafts`, and what the frame can be asked to do. */
export const App = createContext(null);
export const useApp = () => useContext(App);

/** Join class names, leaving out what does not apply. */
export const classes = (...names) => names.filter(Boolean).join(' ');

/**
 * Draw a view again only if what it is given changed.
 * @param {(props: object) => any} view
 * @param {(before: object, now: object) => boolean} same
 */
export function memo(view, same = sameProps) {
  class Memo extends Component {
    shouldComponentUpdate(props) {
      return !same(this.props, props);
    }

    render(props) {
      return h(view, props);
    }
  }
  return Memo;
}

export function sameProps(before, now) {
  const names = Object.keys(now);
  return names.length === Object.keys(before).length && names.every((name) => before[name] === now[name]);
}

const awaited = [];

/** Note what is loaded when it is first needed, or a while after the page was. */
export function later(load) {
  awaited.push(load);
  return load;
}

/** How all that is loaded later looks. */
const style = later(() => styled(new URL('../../css/joined-later.css', import.meta.url).href));

/** Load a view when it is first shown; until it is there (or while there is no network) `meanwhile` is. */
export function lazy(load, name, meanwhile = null) {
  let view = null;
  later(load);
  return function Lazy(props) {
    const [, ready] = useState(view !== null);
    useEffect(() => {
      if (view) {
        ready(true);
        return;
      }
      const again = () => Promise.all([load(), style()]).then(([module]) => {
        view = module[name];
        ready(true);
      }, () => addEventListener('online', again, { once: true }));
      again();
    }, []);
    return view ? h(view, props) : meanwhile;
  };
}

/** Load, one by one, all that was not needed at first: then it is there without a network too. */
export async function loadRest() {
  // What comes may bring more, which the list then has.
  for (const load of awaited) await load().catch(() => {});
}

/** Tell whether a media query holds, and draw again when that changes. */
export function useMatch(query) {
  const [holds, setHolds] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const watched = matchMedia(query);
    const changed = () => setHolds(watched.matches);
    changed();
    watched.addEventListener('change', changed);
    return () => watched.removeEventListener('change', changed);
  }, [query]);
  return holds;
}

/** Tell after a while; what is there sooner needs no sign that it is awaited. */
export function useLate(ms) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return late;
}

/**
 * Do one thing at a time and keep what went wrong, to be shown beside what was asked.
 * @returns {{busy: boolean, error: Error|null, run: (work: () => Promise<any>) => Promise<any>, clear: () => void}}
 */
export function useTask() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const run = async (work) => {
    setBusy(true);
    setError(null);
    try {
      return await work();
    } catch (failure) {
      setError(failure);
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, run, clear: () => setError(null) };
}
