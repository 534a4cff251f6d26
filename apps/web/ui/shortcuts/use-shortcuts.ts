import { useEffect, useEffectEvent, useState, useSyncExternalStore } from 'react'
import { findShortcut, isBusy, type Shortcut } from './shortcuts.ts'

const STORED_AS = 'dayshift.shortcuts'
const registered = new Set<readonly Shortcut[]>()
const listeners = new Set<() => void>()

/** Offers keys while the component is shown. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const run = useEffectEvent((key: string) => shortcuts.find((shortcut) => shortcut.key === key)?.run())
  // Only what is listed decides about registering anew: the functions are read when the key is pressed.
  const listed = shortcuts.map(({ key, label }) => `${key}\t${label}`).join('\n')
  useEffect(() => {
    if (listed === '') return undefined
    const entry = listed
      .split('\n')
      .map((line) => line.split('\t'))
      .map(([key = '', label = '']): Shortcut => ({ key, label, run: () => run(key) }))
    registered.add(entry)
    return () => void registered.delete(entry)
  }, [listed])
}

/** What `?` lists: every key that does something now. */
export const listShortcuts = (): Shortcut[] => [...registered].flat()

/** Hears the keys; once, in the shell. */
export function useShortcutKeys(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const state = { busy: isBusy(event.target), switchedOff: areSwitchedOff() }
      const shortcut = findShortcut(event, listShortcuts(), state)
      if (!shortcut) return
      event.preventDefault()
      shortcut.run()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [])
}

const areSwitchedOff = (): boolean => localStorage.getItem(STORED_AS) === 'off'

/** The reader's choice, kept in this browser. */
export function useShortcutSwitch(): [on: boolean, set: (on: boolean) => void] {
  const [listen] = useState(() => (listener: () => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  })
  const on = useSyncExternalStore(listen, () => !areSwitchedOff())
  return [
    on,
    (next) => {
      localStorage.setItem(STORED_AS, next ? 'on' : 'off')
      for (const listener of listeners) listener()
    },
  ]
}
