import { toolOf, type ToolMethod, type Value } from '../value.ts'

/**
 * `$math`: VelocityTools' MathTool. Takes numbers, and texts that are numbers; gives no value where an argument is neither
 * and where a number is divided by zero. `random` is left out: a rendering gives the same text twice.
 */
export const mathTool = toolOf({
  add: folded((a, b) => a + b),
  sub: folded((a, b) => a - b),
  mul: folded((a, b) => a * b),
  div: folded((a, b) => a / b),
  max: folded(Math.max),
  min: folded(Math.min),
  pow: ofTwo((a, b) => a ** b),
  idiv: ofTwo((a, b) => Math.trunc(Math.trunc(a) / Math.trunc(b))),
  mod: ofTwo((a, b) => Math.trunc(a) % Math.trunc(b)),
  roundTo: ofTwo(roundedTo),
  round: ofOne(roundedToEven),
  floor: ofOne(Math.floor),
  ceil: ofOne(Math.ceil),
  abs: ofOne(Math.abs),
  toInteger: ofOne(Math.trunc),
  toDouble: ofOne((a) => a),
  toNumber: ofOne((a) => a),
})

function folded(combine: (a: number, b: number) => number): ToolMethod {
  return (args) => {
    const numbers = args.flat().map(numberOf)
    return args.length < 2 && !Array.isArray(args[0])
      ? undefined
      : finite(numbers.every(isNumber) ? numbers.reduce((a, b) => combine(a, b)) : undefined)
  }
}

function ofTwo(combine: (a: number, b: number) => number): ToolMethod {
  return (args) => {
    const [a, b] = args.map(numberOf)
    return args.length === 2 && isNumber(a) && isNumber(b) ? finite(combine(a, b)) : undefined
  }
}

function ofOne(change: (a: number) => number): ToolMethod {
  return (args) => {
    const [a] = args.map(numberOf)
    return args.length === 1 && isNumber(a) ? finite(change(a)) : undefined
  }
}

function numberOf(value: Value): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^\s*-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?/.test(value)
    ? Number.parseFloat(value)
    : undefined
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined
}

/** No value for what is no number, and no `-0`, which Java's integers do not have. */
function finite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value + 0 : undefined
}

/** Java's rint: a half goes to the even neighbour. */
function roundedToEven(value: number): number {
  const floor = Math.floor(value)
  if (value - floor !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}

/** The number of decimals comes first. */
function roundedTo(decimals: number, value: number): number {
  const places = Math.max(0, Math.min(15, Math.trunc(decimals)))
  return Number(`${Math.sign(value) * Math.round(Number(`${Math.abs(value)}e${places}`))}e-${places}`)
}
