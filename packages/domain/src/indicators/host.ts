import { isCarrier } from './file-name.ts'
import type { Match, Reading } from './match.ts'

/** Files, registry keys, pipes and mutexes: what is found on a machine. */

const hives: Record<string, string> = {
  HKLM: 'HKEY_LOCAL_MACHINE',
  HKCU: 'HKEY_CURRENT_USER',
  HKCR: 'HKEY_CLASSES_ROOT',
  HKU: 'HKEY_USERS',
  HKCC: 'HKEY_CURRENT_CONFIG',
}
const hive =
  /(?<![\p{L}\p{N}_])(HK(?:LM|CU|CR|U|CC)|HKEY_(?:LOCAL_MACHINE|CURRENT_USER|CLASSES_ROOT|USERS|CURRENT_CONFIG)):?(?=\\)/giu
const windowsRoot = new RegExp(
  [
    String.raw`(?<![\p{L}\p{N}_])(?:[a-z]:(?=\\{1,2}[^\\\s])|%[a-z][a-z\d_()]{1,30}%(?=\\)|\$env:[a-z]\w{1,30}(?=\\))`,
    String.raw`(?<![\\\p{L}\p{N}:])\\{2,4}(?=[\p{L}\p{N}][\p{L}\p{N}._-]{0,62}\\)`,
  ].join('|'),
  'giu',
)
const namedPipe =
  /(?<![\p{L}\p{N}\\])(?:\\{2,4}(?:\.|[\w-]{1,63}(?:\.[\w-]{1,63}){0,3})\\{1,2}pipe|\\Device\\NamedPipe|\\pipe)\\{1,2}([\w.{}#$%@~+-]{2,128})/giu
const unix =
  /(?<![\p{L}\p{N}_./:\\>~-])(?:~\/\.?|\/(?:Applications|bin|boot|data|dev|etc|home|lib|lib64|Library|mnt|opt|private|proc|root|run|sbin|srv|sys|tmp|Users|usr|var|Volumes)\/)[\w.@%+~/{}*$-]{2,}/gu
const commonPaths = new Set([
  '/bin/bash',
  '/bin/sh',
  '/dev/null',
  '/dev/random',
  '/dev/urandom',
  '/usr/bin/env',
  '/usr/bin/python',
  '/dev/tcp',
])
const commonFolders =
  /^[a-z]:\\(?:windows(?:\\(?:system32|syswow64|temp))?|program files(?: \(x86\))?|programdata|users|temp)\\?$/i

/** Registry keys and values, with the hive's full name. */
export function* findRegistryKeys({ text }: Reading): Generator<Match> {
  let end = 0
  for (const { 0: run, 1: name = '', index: start } of text.matchAll(hive)) {
    if (start < end) continue
    end = endOfPath(text, start, start + run.length)
    const short = name.toUpperCase()
    const path = text.slice(start + run.length, end).replace(/\\{2,}/g, '\\')
    if (path.length > 1) yield { kind: 'registry-key', value: (hives[short] ?? short) + path, start, end }
  }
}

/** Paths of Windows (drive, share, environment variable) and, where they cannot be mistaken, of Unix. */
export function* findPaths({ text }: Reading): Generator<Match> {
  let end = 0
  for (const { 0: run, index: start } of text.matchAll(windowsRoot)) {
    if (start < end) continue
    const isShare = run.startsWith('\\')
    const afterRoot = start + run.length - (isShare ? 1 : 0)
    end = endOfPath(text, start, afterRoot)
    const path = text.slice(afterRoot, end).replace(/\\{2,}/g, '\\')
    // `\\Temp\\x` is an escaped `\Temp\x`; a share begins with twice what stands between its names.
    const isEscaped = isShare && run.length === 2 && /^\\[^\\]+\\{2}/.test(text.slice(afterRoot, end))
    const shareRoot = isEscaped ? '' : '\\'
    const value = (isShare ? shareRoot : run) + path
    if (path.length > 1) yield { kind: commonFolders.test(value) ? 'reference' : 'file-path', value, start, end }
  }
  for (const { 0: run, index: start } of text.matchAll(unix)) {
    const value = run.replace(/[./*$-]+$/, '')
    const isReference = commonPaths.has(value) || !value.includes('/', 1)
    yield { kind: isReference ? 'reference' : 'file-path', value, start, end: start + value.length }
  }
}

/** Named pipes; the value is the path on the machine itself. */
export function* findPipes({ text }: Reading): Generator<Match> {
  for (const { 0: run, 1: name = '', index: start } of text.matchAll(namedPipe)) {
    const trimmed = name.replace(/[.]+$/, '')
    yield {
      kind: 'pipe',
      value: `\\\\.\\pipe\\${trimmed}`,
      start,
      end: start + run.length - (name.length - trimmed.length),
    }
  }
}

const segment = /\\{1,2}([^\\/\s"'“”‘’<>|?*:;,`&\t]+(?: [^\\/\s"'“”‘’<>|?*:;,`&\t]+){0,5})/y
const quoted = /[^"'“”‘’<>|`\r\n\t]{1,400}/y
// Twice what Windows allows in most places; bounds the work on text made of backslashes.
const MAXIMUM_LENGTH = 520
const quotes: Record<string, string> = { '"': '"', '“': '”', '‘': '’', "'": "'", '`': '`' }
const joiningWord =
  /^(?:a|also|an|and|are|as|at|by|contains?|copies|creates?|directory|file|folder|for|from|has|in|into|is|it|key|named|of|on|or|path|registry|runs|set|sets|so|that|the|then|this|through|to|under|using|value|via|was|were|where|which|will|with)$/i
const spacedNames =
  /^(?:Documents and Settings|Program Files(?: \(x86\))?|Common Files|Start Menu|Application Data|Local Settings|User Data|Login Data|Web Data|Local State|Windows NT|Internet Explorer|Internet Settings|Image File Execution Options|Active Setup|Installed Components|User Shell Folders|Shell Folders)(?= |$)/i

/**
 * Where a path with backslashes ends that starts at `start` and whose first backslash is at `from`. In quotes it ends
 * with them. Else a folder's name may have blanks when its words look like a name, and the last name only when each
 * further word starts with a capital or a digit and the whole ends like a file.
 */
function endOfPath(text: string, start: number, from: number): number {
  const quote = quotes[text[start - 1] ?? '']
  if (quote !== undefined) {
    quoted.lastIndex = from
    const inside = quoted.exec(text)?.[0] ?? ''
    if (text[from + inside.length] === quote && !/[a-z]:\\|\s[-/]\w/i.test(inside))
      return from + inside.replace(/\\+$/, '').length
  }
  let end = from
  while (end - from < MAXIMUM_LENGTH) {
    segment.lastIndex = end
    const found = segment.exec(text)
    if (!found) return end
    const [whole, name = ''] = found
    const slashes = whole.length - name.length
    const words = name.split(' ')
    const isFolder = text[end + whole.length] === '\\'
    const isOneName =
      words.length === 1 || (isFolder && words.every(isNameWord)) || spacedNames.exec(name)?.[0] === name
    if (isOneName) {
      end += whole.length
      if (isFolder) continue
      return end - trailing(name)
    }
    const last = lastName(words)
    return end + slashes + last.length - trailing(last)
  }
  return end
}

const isNameWord = (word: string): boolean => !joiningWord.test(word) && !word.includes('%') && !isCarrier(word)

/** The first word, or as many as make a file's name. */
function lastName(words: string[]): string {
  const known = spacedNames.exec(words.join(' '))?.[0]
  if (known !== undefined) return known
  const [first = ''] = words
  if (isCarrier(first)) return first
  for (let count = 2; count <= words.length; count += 1) {
    if (!/^[\p{Lu}\p{N}(&-]/u.test(words[count - 1] ?? '')) break
    const name = words
      .slice(0, count)
      .join(' ')
      .replace(/[.)]+$/, '')
    if (isCarrier(name)) return name
  }
  return first
}

/** How many characters at the end belong to the sentence. */
function trailing(name: string): number {
  const isClosed = name.includes('(') || name.includes('{') || name.includes('[')
  return (isClosed ? /[.!…]+$/ : /[.!…)\]}]+$/).exec(name)?.[0].length ?? 0
}
