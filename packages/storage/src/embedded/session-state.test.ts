import { expect, test } from 'vitest'
import { readSqlText } from './session-state.ts'

const effects = (sql: string) => readSqlText(sql, (name) => `private_${name}`).effects
const set = (...settings: string[]) => settings.map((setting) => ({ kind: 'set', setting }))

// The forms are those of https://www.postgresql.org/docs/18/sql-set.html and sql-reset.html.
test.each([
  ['set search_path = a, b', set('search_path')],
  ['SET SESSION Search_Path TO x', set('search_path')],
  ['set "My.Setting" = 1', set('my.setting')],
  ["set app.user = 'x'", set('app.user')],
  ["set time zone 'UTC'", set('timezone')],
  ["set session time zone 'UTC'", set('timezone')],
  ["set names 'utf8'", set('client_encoding')],
  ["set schema 'x'", set('search_path')],
  ['set role x', set('role')],
  ['set session authorization x', set('session_authorization')],
  ['set xml option content', set('xmloption')],
  [
    'set session characteristics as transaction read only',
    set('default_transaction_isolation', 'default_transaction_read_only', 'default_transaction_deferrable'),
  ],
  ["select set_config('a.b', 'c', false)", set('a.b')],
  ["/* set x = 1 */ begin; -- set y = 2\nset z = 3; select 'set a = 4', $$set b = 5$$", set('z')],
  ['set local a = 1; set transaction read only; set constraints all deferred; set seed to 0.5', []],
  ["select set_config('a.b', 'c', true)", []],
  ['update t set a = 1; insert into t values (1) on conflict (a) do update set a = 2', []],
  ['alter role x set search_path = y', []],
])('%s changes exactly these settings', (sql, expected) => {
  expect(effects(sql)).toEqual(expected)
})

test('resets, listens and discards are seen', () => {
  expect(effects('reset a.b; reset all; set x to default; set session y = default; reset role')).toEqual(
    ['a.b', '*', 'x', 'y', 'role'].map((setting) => ({ kind: 'reset', setting })),
  )
  expect(effects('listen "Upper:x"; LISTEN Lower; unlisten a; unlisten *; discard all; discard plans')).toEqual([
    { kind: 'listen', channel: 'Upper:x' },
    { kind: 'listen', channel: 'lower' },
    { kind: 'unlisten', channel: 'a' },
    { kind: 'unlisten', channel: '*' },
    { kind: 'discard' },
  ])
})

test('only the names of prepared statements are replaced', () => {
  const text = readSqlText(
    `prepare a as select 'execute a'; execute a; explain (analyze) execute "A"; create table t as execute a;
     deallocate prepare a; deallocate all; prepare transaction 'x'; grant execute on function f to r;
     create trigger t after insert on t execute function f()`,
    (name) => `private_${name}`,
  )
  expect(text.sql).toBe(
    `prepare "private_a" as select 'execute a'; execute "private_a"; explain (analyze) execute "private_A"; create table t as execute "private_a";
     deallocate prepare "private_a"; deallocate all; prepare transaction 'x'; grant execute on function f to r;
     create trigger t after insert on t execute function f()`,
  )
  expect(text.effects).toEqual([
    { kind: 'deallocate', name: 'a' },
    { kind: 'deallocate', name: '*' },
  ])
})

test('COPY from the client is told from other COPY', () => {
  const count = (sql: string) => readSqlText(sql, String).copiesIn
  expect(count('copy t (a, b) from stdin with (format csv); COPY u FROM STDIN')).toBe(2)
  expect(count(`copy t to stdout; copy t from '/stdin'; select 'copy t from stdin'`)).toBe(0)
})
