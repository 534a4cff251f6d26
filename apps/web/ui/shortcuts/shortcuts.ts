/** A key that does something on the page that is shown. */
export interface Shortcut {
  /** As `KeyboardEvent.key` names it. */
  key: string
  label: string
  run: () => void
}

type Press = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'defaultPrevented'>

/**
 * The shortcut that a key press means, if any: the one registered last wins. Printable keys are silent while
 * `switchedOff` (WCAG 2.1.4), and every key while the reader types or a dialog has the focus.
 */
export function findShortcut(
  press: Press,
  shortcuts: readonly Shortcut[],
  { busy, switchedOff }: { busy: boolean; switchedOff: boolean },
): Shortcut | undefined {
  const { key, ctrlKey, metaKey, altKey, defaultPrevented } = press
  if (busy || ctrlKey || metaKey || altKey || defaultPrevented) return undefined
  if (switchedOff && key.length === 1) return undefined
  return shortcuts.findLast((shortcut) => shortcut.key === key)
}

// Here keys belong to what has the focus.
const busyPlaces = 'input, textarea, select, [contenteditable], [role="dialog"], [role="alertdialog"], [role="menu"]'

export const isBusy = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest(busyPlaces) !== null
