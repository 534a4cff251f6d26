import { describe, expect, test } from 'vitest'
import { findShortcut, type Shortcut } from './shortcuts.ts'

const nothing = (): void => undefined
const press = (key: string, more: object = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  defaultPrevented: false,
  ...more,
})
const shortcuts: Shortcut[] = ['j', 'Escape', '?'].map((key) => ({ key, label: key, run: nothing }))
const idle = { busy: false, switchedOff: false }
const found = (pressed: ReturnType<typeof press>, state = idle) => findShortcut(pressed, shortcuts, state)?.key

describe('shortcuts', () => {
  test('a key alone finds its shortcut', () => {
    expect(found(press('j'))).toBe('j')
    expect(found(press('x'))).toBeUndefined()
  })

  test('with a modifier the key is the browser’s; Shift only changes which key it is', () => {
    for (const modifier of ['ctrlKey', 'metaKey', 'altKey', 'defaultPrevented']) {
      expect(found(press('j', { [modifier]: true }))).toBeUndefined()
    }
    expect(found(press('?', { shiftKey: true }))).toBe('?')
  })

  test('keys are silent while the reader types', () => {
    expect(found(press('j'), { ...idle, busy: true })).toBeUndefined()
  })

  test('switched off, printable keys are silent and Escape still closes', () => {
    expect(found(press('j'), { ...idle, switchedOff: true })).toBeUndefined()
    expect(found(press('Escape'), { ...idle, switchedOff: true })).toBe('Escape')
  })

  test('of two for one key the later one wins', () => {
    const later = { key: 'j', label: 'later', run: nothing }
    expect(findShortcut(press('j'), [...shortcuts, later], idle)).toBe(later)
  })
})
