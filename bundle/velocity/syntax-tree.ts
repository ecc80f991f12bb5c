import type { TextPlace } from '../bundle-error.ts'

/** A Velocity template, read. */
export interface Template {
  readonly nodes: readonly TemplateNode[]
}

export type TemplateNode = TextNode | Reference | IfNode | SetNode | ForeachNode | BreakNode | StopNode

/** Text that prints as it stands; escapes are done, comments are gone. */
export interface TextNode {
  readonly kind: 'text'
  readonly text: string
}

/** How a reference is written: `${x}`, `$x`, or `$!x` and `$!{x}`. */
export type ReferenceForm = 'formal' | 'plain' | 'quiet'

/** `$x.y[0].trim()`: a value, and the steps from there. */
export interface Reference {
  readonly kind: 'reference'
  readonly root: string
  readonly steps: readonly Step[]
  readonly form: ReferenceForm
  /** As written, from its `$`: what prints when there is no value. */
  readonly source: string
  /** How many `\` stand before it. */
  readonly backslashes: number
  /** `${x|'other'}`: what stands in for a value that is none. */
  readonly alternate?: Expression
  readonly place: TextPlace
}

export type Step = PropertyStep | IndexStep | MethodStep

export interface PropertyStep {
  readonly kind: 'property'
  readonly name: string
  readonly place: TextPlace
}

export interface IndexStep {
  readonly kind: 'index'
  readonly index: Expression
  readonly place: TextPlace
}

export interface MethodStep {
  readonly kind: 'method'
  readonly name: string
  readonly args: readonly Expression[]
  readonly place: TextPlace
}

/** `#if`, its `#elseif`s and its `#else`, in their order. */
export interface IfNode {
  readonly kind: 'if'
  readonly branches: readonly IfBranch[]
}

export interface IfBranch {
  /** Absent: `#else`. */
  readonly condition?: Expression
  readonly body: readonly TemplateNode[]
}

export interface SetNode {
  readonly kind: 'set'
  readonly target: Reference
  readonly value: Expression
}

export interface ForeachNode {
  readonly kind: 'foreach'
  readonly variable: string
  readonly list: Expression
  readonly body: readonly TemplateNode[]
  /** `#else`: for a list of nothing. */
  readonly otherwise: readonly TemplateNode[]
  readonly place: TextPlace
}

export interface BreakNode {
  readonly kind: 'break'
}

export interface StopNode {
  readonly kind: 'stop'
}

export type BinaryOperator =
  'or' | 'and' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%'

export type Expression =
  | Reference
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  /** A text in double quotes that holds references or directives. */
  | { readonly kind: 'interpolated'; readonly nodes: readonly TemplateNode[] }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'range'; readonly from: Expression; readonly to: Expression; readonly place: TextPlace }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: 'unary'; readonly operator: 'not' | 'negate'; readonly operand: Expression }
  | {
      readonly kind: 'binary'
      readonly operator: BinaryOperator
      readonly left: Expression
      readonly right: Expression
    }
