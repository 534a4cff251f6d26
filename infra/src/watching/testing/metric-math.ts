type Value = number | undefined
type Token = string

const TOKEN = /\s*(==|>=|<=|\|\||&&|[()[\],<>*+]|\d+(?:\.\d+)?|[A-Za-z_]\w*)/y

/**
 * What CloudWatch's metric math makes of one moment: `metrics` are the values of its period, undefined where there is none. Only what
 * the alarms use, as docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html describes it: DAY is 1 on Monday,
 * times are in UTC and there without a value of the metric; IF with a true condition makes 0 of a missing value, with a false one
 * leaves it missing. Throws for anything else.
 */
export function evaluate(expression: string, metrics: Record<string, Value>, at: Date): Value {
  const tokens = tokensOf(expression)
  const take = (wanted?: Token): Token => {
    const token = tokens.shift()
    if (token === undefined || (wanted !== undefined && token !== wanted))
      throw new Error(`In ${expression}: expected ${wanted ?? 'something'}, came ${token ?? 'the end'}.`)
    return token
  }
  const listUntil = (end: Token): Value[] => {
    const values = [or()]
    while (tokens[0] === ',') {
      take(',')
      values.push(or())
    }
    take(end)
    return values
  }
  const chain = (next: () => Value, apply: Record<Token, (a: number, b: number) => number>) => (): Value => {
    let value = next()
    for (let operator = apply[tokens[0] ?? '']; operator; operator = apply[tokens[0] ?? '']) {
      take()
      const other = next()
      value = value === undefined || other === undefined ? undefined : operator(value, other)
    }
    return value
  }
  const primary = (): Value => {
    const token = take()
    if (token === '(') return listUntil(')')[0]
    if (/^\d/.test(token)) return Number(token)
    if (tokens[0] !== '(') {
      if (!(token in metrics)) throw new Error(`In ${expression}: there is no metric ${token}.`)
      return metrics[token]
    }
    take('(')
    if (token === 'MAX' || token === 'MIN') {
      take('[')
      const present = listUntil(']').filter((value) => value !== undefined)
      take(')')
      return present.length === 0 ? undefined : Math[token === 'MAX' ? 'max' : 'min'](...present)
    }
    const [first, second, third] = listUntil(')')
    switch (token) {
      case 'HOUR':
        return at.getUTCHours()
      case 'MINUTE':
        return at.getUTCMinutes()
      case 'DAY':
        return at.getUTCDay() || 7
      case 'FILL':
        return first ?? second
      case 'IF':
        if (first === undefined) return undefined
        return first === 0 ? third : (second ?? 0)
      default:
        throw new Error(`In ${expression}: ${token} is not known here.`)
    }
  }
  const product = chain(primary, { '*': (a, b) => a * b })
  const sum = chain(product, { '+': (a, b) => a + b })
  const comparison = chain(sum, {
    '==': (a, b) => Number(a === b),
    '>=': (a, b) => Number(a >= b),
    '<=': (a, b) => Number(a <= b),
    '<': (a, b) => Number(a < b),
    '>': (a, b) => Number(a > b),
  })
  const and = chain(comparison, { '&&': (a, b) => Number(a !== 0 && b !== 0) })
  const or = chain(and, { '||': (a, b) => Number(a !== 0 || b !== 0) })
  const value = or()
  if (tokens.length > 0) throw new Error(`In ${expression}: ${tokens.join(' ')} is too much.`)
  return value
}

const tokenized = new Map<string, Token[]>()

function tokensOf(expression: string): Token[] {
  const seen = tokenized.get(expression)
  if (seen) return [...seen]
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < expression.length) {
    const from = TOKEN.lastIndex
    const found = TOKEN.exec(expression)
    if (!found) throw new Error(`In ${expression}: not understood from ${expression.slice(from)}.`)
    tokens.push(found[1]!)
  }
  tokenized.set(expression, tokens)
  return [...tokens]
}
