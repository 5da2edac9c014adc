// What the user chose, kept in the browser. Never anything secret: tokens are cookies that no script can read.

/** Storage can be switched off in a browser: then a choice lasts until the page is left. */
export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(`gostat.${key}`);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`gostat.${key}`, value);
  } catch {
    // As above.
  }
}
