import { describe, expect, it } from 'vitest'
import { QueryError } from '../query-error.ts'
import { parseCondition } from './condition-parser.ts'
import { parseQuery } from './query-parser.ts'

/** A bad query with a mark where it goes wrong, and what is said about it. */
const badQueries: readonly (readonly [marked: string, reason: RegExp])[] = [
  ['^', /expected SELECT, got the end/],
  ['^hello', /expected SELECT, got "hello"/],
  ['SELECT^', /expected a name, got the end/],
  ['SELECT ^FROM devices', /reserved word 'FROM'/],
  ['SELECT *^', /expected FROM/],
  ['SELECT * ^WHERE true', /expected FROM/],
  ['SELECT * FROM ^c', /expected devices, devices.modules or devices.jobs, got 'c'/],
  ['SELECT * FROM ^twins', /got 'twins'/],
  ['SELECT * FROM devices ^d', /expected the end, got "d"/],
  ['SELECT * FROM devices ^ORDER BY deviceId', /expected the end, got "ORDER"/],
  ['SELECT * FROM devices ^JOIN x', /expected the end/],
  ['SELECT * FROM devices^;', /unexpected character ";"/],
  ['SELECT * FROM devices ^-- all', /expected the end/],
  ['SELECT * FROM devices WHERE^', /expected an expression, got the end/],
  ['SELECT * FROM devices WHERE ^GROUP BY status', /reserved word 'GROUP'/],
  ['SELECT * FROM devices WHERE tags.^group = 1', /reserved word 'group' \(write \[\[group\]\]\)/],
  ['SELECT * FROM devices WHERE tags.^In = 1', /reserved word 'In'/],
  ['SELECT DISTINCT ^deviceId FROM devices', /expected FROM/],
  ['SELECT deviceId ^id FROM devices', /expected FROM, got "id"/],
  ['SELECT deviceId AS ^FROM devices', /reserved word/],
  ["SELECT deviceId AS ^'x' FROM devices", /expected a name/],
  ['SELECT deviceId, ^FROM devices', /reserved word 'FROM'/],
  ['SELECT *^, deviceId FROM devices', /expected FROM/],
  ['SELECT ^1 FROM devices', /expected a name/],
  ['SELECT deviceId ^+ 1 FROM devices', /expected FROM/],
  ['SELECT ^UPPER(tags.a) FROM devices', /expected a path or an aggregate/],
  ['SELECT COUNT(^*) FROM devices', /expected '\)'/],
  ['SELECT COUNT(^deviceId) FROM devices', /expected '\)'/],
  ['SELECT SUM(^) FROM devices', /expected a name/],
  ['SELECT SUM(tags.a^, tags.b) FROM devices', /expected '\)'/],
  ['SELECT TOP ^* FROM devices', /expected a whole number/],
  ['SELECT TOP ^-1 * FROM devices', /expected a whole number/],
  ['SELECT TOP ^1.5 * FROM devices', /expected a whole number/],
  ['SELECT TOP ^0x10 * FROM devices', /expected a whole number/],
  ['SELECT TOP ^99999999999 * FROM devices', /expected a whole number/],
  ['SELECT ^* FROM devices GROUP BY status', /cannot be grouped/],
  ['SELECT ^deviceId, COUNT() FROM devices', /'deviceId' is neither grouped nor aggregated/],
  ['SELECT ^deviceId FROM devices GROUP BY status', /neither grouped/],
  ['SELECT ^deviceId, DeviceId FROM devices', /two columns are named 'deviceId'/],
  ['SELECT ^tags.a, properties.desired.a FROM devices', /two columns are named 'a'/],
  ['SELECT ^COUNT(), COUNT() FROM devices', /two columns are named 'count'/],
  ['SELECT COUNT() FROM devices GROUP ^status', /expected BY/],
  ['SELECT COUNT() FROM devices GROUP BY^', /expected a name/],
  ['SELECT COUNT() FROM devices GROUP BY status ^WHERE true', /expected the end/],
  ['SELECT COUNT() FROM devices GROUP BY status ^HAVING true', /expected the end/],
  ['SELECT ^deviceId FROM devices.jobs', /can only SELECT \*/],
  ['SELECT ^COUNT() FROM devices.jobs', /can only SELECT \*/],
  ['SELECT ^* FROM devices.jobs GROUP BY status', /can only SELECT \*/],
  ["SELECT ^* FROM devices.jobs WHERE devices.jobs.Tags.site = 'x'", /cannot refer to tags/],
  ['SELECT ^* FROM devices.jobs WHERE properties.reported.a = 1', /cannot refer to properties/],
]

const badExpressions: readonly (readonly [marked: string, reason: RegExp])[] = [
  ['^', /expected an expression, got the end/],
  ['tags.a =^', /expected an expression, got the end/],
  ['^= 1', /expected an expression, got "="/],
  ['tags.a = ^= 1', /expected an expression/],
  ['tags.a =^= 1', /expected an expression/],
  ['tags.a ^! 1', /unexpected character "!"/],
  ['tags.a ^& tags.b', /unexpected character "&"/],
  ['tags.a = 1 AND^', /expected an expression/],
  ['tags.a = 1 ^tags.b = 2', /expected the end/],
  ['(tags.a = 1^', /expected '\)', got the end/],
  ['tags.a = 1^)', /expected the end, got "\)"/],
  ['tags.^', /expected a name/],
  ['tags.^.a = 1', /expected a name/],
  ['tags.a^[0] = 1', /expected the end/],
  ['tags.^5 = 1', /expected a name/],
  ['tags.a = ^5a', /'5' runs into a name/],
  ['tags.a = ^0x', /'0' runs into a name/],
  ['tags.a = 5^.', /expected the end/],
  ['tags.a = ^.5', /expected an expression/],
  ['tags.a = ^+5', /expected an expression/],
  ['tags.a = ^1e999', /too large/],
  ["tags.a = ^'open", /a string is not closed/],
  ['tags.a = ^"open\'', /a string is not closed/],
  ["tags.a = 'x^\\n'", /expected one of the escapes/],
  ["tags.a = '^\\u12g4'", /expected one of the escapes/],
  ["tags.a = 'it'^'s'", /expected the end/],
  ['tags.^[[a = 1', /not closed by/],
  ['tags.a IN ^(1, 2)', /expected '\['/],
  ['tags.a IN [1, ^]', /expected a constant/],
  ['tags.a IN [1 ^2]', /expected '\]'/],
  ['tags.a IN [^tags.b]', /expected a constant/],
  ['tags.a IN ^tags.b', /expected '\['/],
  ['tags.a ^NOT IN [1]', /expected the end/],
  ["tags.a ^LIKE 'x%'", /expected the end/],
  ['tags.a ^BETWEEN 1 AND 2', /expected the end/],
  ['tags.a ^IS NULL', /expected the end/],
  ['tags.a = ^NOT true', /reserved word 'NOT'/],
  ["^STARTS_WITH(deviceId, 'a')", /no function 'STARTS_WITH' \(did you mean STARTSWITH\?\)/],
  ['^NOW() > 1', /no function 'NOW'/],
  ['^toString() = 1', /no function 'toString'/],
  ['^COUNT() > 1', /COUNT can only stand in the SELECT list/],
  ['^IS_DEFINED()', /IS_DEFINED takes 1 arguments, got 0/],
  ['^SUBSTRING(deviceId)', /takes 2 to 3 arguments/],
  ['^CONCAT(deviceId)', /takes 2 or more arguments/],
  ['IS_DEFINED(tags.a^', /expected '\)'/],
  ['^SELECT deviceId FROM devices', /reserved word 'SELECT'/],
  ['^😀 = 1', /unexpected character "😀"/],
  ['tags.a = 1 ^\u0000', /unexpected character/],
]

const prefix = 'SELECT * FROM devices WHERE '

function errorOf(parse: () => unknown): QueryError {
  try {
    parse()
  } catch (error) {
    if (error instanceof QueryError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

function expectRefusal(parse: (text: string) => unknown, marked: string, reason: RegExp, offset: number = 0): void {
  const position = marked.indexOf('^')
  const error = errorOf(() => parse(marked.replace('^', '')))
  expect(error.reason).toMatch(reason)
  expect(error.position).toBe(offset + position)
}

describe('a bad query', () => {
  it.each(badQueries)('%s', (marked, reason) => {
    expectRefusal(parseQuery, marked, reason)
  })

  it.each(badExpressions)('… WHERE %s', (marked, reason) => {
    expectRefusal(text => parseQuery(prefix + text), marked, reason, prefix.length)
  })

  it('is an ArgumentInvalid of status 400 that starts with the words of the real hub', () => {
    const error = errorOf(() => parseQuery('SELECT * FROM c'))
    expect(error).toMatchObject({ name: 'QueryError', code: 'ArgumentInvalid', status: 400 })
    expect(error.message).toMatch(/^BadRequest, .* at character 15\.$/)
  })
})

describe('a bad condition', () => {
  it.each(badExpressions)('%s', (marked, reason) => {
    expectRefusal(parseCondition, marked, reason)
  })

  it.each([
    ['* ^AND true', /expected the end/],
    ['^WHERE tags.a = 1', /reserved word 'WHERE'/],
    ['FROM ^devices.jobs WHERE true', /expected devices or devices.modules/],
    ['FROM devices.modules^', /expected WHERE/],
    ['FROM devices.modules WHERE ^*', /expected an expression/],
    ['tags.a = 1 ^GROUP BY tags.a', /expected the end/],
  ])('%s', (marked, reason) => {
    expectRefusal(parseCondition, marked, reason)
  })
})
