// What the views are written with: Preact's parts by their names, html for templates, and
// stores for what more than one view looks at.
import {h} from './vendor/preact.mjs';
import {useEffect, useState} from './vendor/hooks.mjs';
import htm from './vendor/htm.mjs';

export {h, render, Fragment} from './vendor/preact.mjs';
export {
  useCallback, useEffect, useErrorBoundary, useId, useLayoutEffect, useMemo, useRef, useState,
} from './vendor/hooks.mjs';

export const html = htm.bind(h);

// store holds a value that views follow.
export function store(value) {
  const followers = new Set();
  return {
    get: () => value,
    set(next) {
      if (next === value) return;
      value = next;
      for (const follower of [...followers]) follower(value);
    },
    follow(follower) {
      followers.add(follower);
      return () => followers.delete(follower);
    },
  };
}

// useStore is the value of a store; the view is rendered again where it changes.
export function useStore(source) {
  const [value, setValue] = useState(source.get());
  useEffect(() => {
    setValue(() => source.get());
    return source.follow((next) => setValue(() => next));
  }, [source]);
  return value;
}
