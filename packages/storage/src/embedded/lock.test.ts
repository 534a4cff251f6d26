import { existsSync, mkdtempSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FolderLocked, lockFolder } from './lock.ts'

const newFolder = () => join(mkdtempSync(join(tmpdir(), 'dayshift-lock-')), 'database')

test('a held lock names its folder and process in one line, and is free after its release', () => {
  const folder = newFolder()
  const unlock = lockFolder(folder)
  expect(() => lockFolder(folder)).toThrow(FolderLocked)
  expect(() => lockFolder(folder)).toThrow(
    new RegExp(`^The data folder ${folder} is in use by process ${process.pid}; [^\\n]+$`),
  )
  unlock()
  lockFolder(folder)()
  expect(existsSync(`${folder}.lock`)).toBe(false)
})

test('the lock of a process that is gone is taken over', () => {
  const folder = newFolder()
  // Above the largest pid Linux gives, 2^22.
  writeFileSync(`${folder}.lock`, JSON.stringify({ pid: 2 ** 22 + 1 }))
  const unlock = lockFolder(folder)
  expect(JSON.parse(readFileSync(`${folder}.lock`, 'utf8'))).toMatchObject({ pid: process.pid })
  unlock()
})

test.skipIf(!existsSync('/proc/self/stat'))(
  'a process that has only the pid of the holder does not hold the lock',
  () => {
    const folder = newFolder()
    writeFileSync(`${folder}.lock`, JSON.stringify({ pid: process.pid, startTime: '1' }))
    expect(lockFolder(folder)).not.toThrow()
  },
)

test('a lock cut off while it was written holds for a moment only', () => {
  const folder = newFolder()
  const file = `${folder}.lock`
  writeFileSync(file, '')
  expect(() => lockFolder(folder)).toThrow(FolderLocked)
  const past = Date.now() / 1000 - 60
  utimesSync(file, past, past)
  expect(lockFolder(folder)).not.toThrow()
})
