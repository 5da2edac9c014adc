// Whether something has come into sight: rows ask for their history only then.
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

/** A little before it is in sight, so that it is there when it is. */
const MARGIN = "200px";

export function useSeen(element: RefObject<Element | null>): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (!element.current || seen) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setSeen(true);
      },
      { rootMargin: MARGIN },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [seen, element]);
  return seen;
}
