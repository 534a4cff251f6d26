import { expect, test } from 'vitest'
import { readStatements } from './sql.ts'

const kinds = (sql: string) => readStatements(sql).map((tokens) => tokens.map(({ kind, value }) => `${kind} ${value}`))

test('statements end at a semicolon outside of quotes, comments and parentheses', () => {
  expect(kinds(`SELECT ';' ";" /* ; /* ; */ ; */ -- ;\n, $a$;$$;$a$; create rule r do (a; b);;`)).toEqual([
    ['word select', 'string ;', 'name ;', 'symbol ,', 'string ;$$;'],
    ['word create', 'word rule', 'word r', 'word do', 'symbol (', 'word a', 'symbol ;', 'word b', 'symbol )'],
  ])
})

test('quotes are doubled inside quotes, and only E strings know the backslash', () => {
  expect(kinds(`'it''s' "a""b" 'x\\' e'y\\'z'`)).toEqual([["string it's", 'name a"b', 'string x\\', "string y\\'z"]])
})

test('a dollar inside a word or before a digit opens no quote', () => {
  expect(kinds('a$b$ $1 $2; x')).toEqual([['word a$b$', 'symbol $', 'symbol 1', 'symbol $', 'symbol 2'], ['word x']])
})

test.each(["'open", '"open', '/* open', '$q$ open', "e'open\\", '-- open'])(
  'unfinished text ends with the input: %s',
  (sql) => {
    expect(readStatements(`select 1; ${sql}`).length).toBeLessThanOrEqual(2)
  },
)

test('positions point into the text', () => {
  const sql = 'prepare  "My Name" as select 1'
  const token = readStatements(sql)[0]?.[1]
  expect(sql.slice(token?.start, token?.end)).toBe('"My Name"')
})
