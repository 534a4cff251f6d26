import * as aws from '../src/aws.ts'
import { ephemeralSchemas, writtenBlocks } from './written-schemas.ts'

/** A type in Terraform's own notation, as the wire carries it. */
export type ValueType =
  'string' | 'number' | 'bool' | 'dynamic' | ['list' | 'set' | 'map', ValueType] | ['object', Record<string, ValueType>]

export interface Attribute {
  name: string
  type: ValueType
  required?: boolean
  optional?: boolean
  computed?: boolean
  /** Given to the provider and kept nowhere. */
  writeOnly?: boolean
}

export interface NestedBlock {
  name: string
  nesting: 'single' | 'list' | 'set'
  minItems: 0 | 1
  /** 0: any number. */
  maxItems: 0 | 1
  block: Block
}

export interface Block {
  attributes: Attribute[]
  blocks: NestedBlock[]
}

interface Schemas {
  provider: Block
  resources: Record<string, Block>
  data: Record<string, Block>
  ephemeral: Record<string, Block>
}

/** The part of Terraform's JSON that names resource types. */
export interface TerraformJson {
  resource?: Record<string, object>
  data?: Record<string, object>
  ephemeral?: Record<string, object>
}

/**
 * The schemas of the types that a stack uses, rebuilt from the classes of the bindings: their getters name the attributes and read them
 * by type, and a setter without a way to reset it marks a required one. Whether an optional attribute is also computed is not known there.
 * Throws for a type that neither the bindings nor written-schemas.ts have.
 */
export function readSchemas(json: TerraformJson): Schemas {
  const app = aws.Testing.app()
  const scope = new aws.TerraformStack(app, 'schemas')
  const exported: unknown[] = Object.values(aws)
  const classes = exported.filter(isConstructClass)
  const read = (type: string, isData: boolean): Block => {
    const found = classes.find(({ name, tfResourceType }) => tfResourceType === type && isData === isDataSource(name))
    if (!found)
      throw new Error(`Expected ${type} in infra/src/aws.ts, where it is missing; add its binding to the list there.`)
    return withWritten(type, reflect(new found(scope, `${isData ? 'data' : 'resource'}-${type}`, {})))
  }
  const readAll = (section: object | undefined, isData: boolean): Record<string, Block> =>
    Object.fromEntries(Object.keys(section ?? {}).map((type) => [type, read(type, isData)]))
  return {
    provider: providerBlock(scope),
    resources: readAll(json.resource, false),
    data: readAll(json.data, true),
    ephemeral: Object.fromEntries(Object.keys(json.ephemeral ?? {}).map((type) => [type, getEphemeral(type)])),
  }
}

interface ConstructClass {
  new (scope: aws.TerraformStack, id: string, config: object): object
  readonly name: string
  readonly tfResourceType: string
}

function isConstructClass(value: unknown): value is ConstructClass {
  return typeof value === 'function' && 'tfResourceType' in value && value.tfResourceType !== 'aws'
}

const isDataSource = (className: string): boolean => className.startsWith('DataAws')

/** What a binding's getters call to read an attribute, and the type that this tells. */
const readers: Record<string, ValueType> = {
  getStringAttribute: 'string',
  getNumberAttribute: 'number',
  getBooleanAttribute: 'bool',
  getListAttribute: ['list', 'string'],
  getNumberListAttribute: ['list', 'number'],
  getStringMapAttribute: ['map', 'string'],
  getNumberMapAttribute: ['map', 'number'],
  getBooleanMapAttribute: ['map', 'bool'],
  getAnyMapAttribute: ['map', 'dynamic'],
  interpolationForAttribute: 'dynamic',
}

/** cdktf's classes of attributes that are collections, by name. `list` becomes `set` when the class says that it wraps one. */
const collections: Record<string, ValueType> = {
  StringMap: ['map', 'string'],
  NumberMap: ['map', 'number'],
  BooleanMap: ['map', 'bool'],
  AnyMap: ['map', 'dynamic'],
  BooleanList: ['list', 'bool'],
  StringListList: ['list', ['list', 'string']],
  NumberListList: ['list', ['list', 'number']],
  StringMapList: ['list', ['map', 'string']],
  NumberMapList: ['list', ['map', 'number']],
  StringListMap: ['map', ['list', 'string']],
  NumberListMap: ['map', ['list', 'number']],
}

/** A collection or a nested object of a binding, as cdktf keeps it at run time. */
interface Complex {
  terraformAttribute: string
  /** Set on lists. */
  wrapsSet?: boolean
  get?: (index: number) => object
  /** Undefined for an object that stands alone, 0 for the one element of a list. */
  complexObjectIndex?: number | string
}

function isComplex(value: unknown): value is Complex {
  return typeof value === 'object' && value !== null && 'terraformAttribute' in value
}

/** Reads the members of a resource, of a data source or of an object nested in one. */
function reflect(construct: object): Block {
  const block: Block = { attributes: [], blocks: [] }
  const prototype: object = Object.getPrototypeOf(construct)
  const members = Object.getOwnPropertyDescriptors(prototype) as Record<string, PropertyDescriptor>
  const simpleSets = simpleSetNames(construct)
  for (const [property, { get, set }] of Object.entries(members)) {
    const isInput = property.endsWith('Input') && property.slice(0, -'Input'.length) in members
    if (!get || isInput || property === 'internalValue') continue
    const suffix = property.charAt(0).toUpperCase() + property.slice(1)
    const isSettable = set !== undefined || `put${suffix}` in members
    const isRequired = isSettable && !(`reset${suffix}` in members)
    const use = isRequired ? { required: true } : isSettable ? { optional: true } : { computed: true }
    const { value, seen } = observe(construct, get)
    if (seen) {
      const type: ValueType = seen.isSet || simpleSets.has(seen.name) ? asSet(seen.type) : seen.type
      block.attributes.push({
        name: seen.name,
        type,
        ...use,
        ...(isSettable && seen.name.endsWith('_wo') ? { writeOnly: true } : {}),
      })
    } else if (isComplex(value)) addComplex(block, value, use)
  }
  return block
}

/** Runs a getter on a copy of the construct that notes which attribute is read and how. */
function observe(
  construct: object,
  get: () => unknown,
): { value: unknown; seen?: { name: string; type: ValueType; isSet: boolean } } {
  let name: string | undefined
  let type: ValueType = 'dynamic'
  let given: unknown
  const probe: object = Object.create(construct)
  for (const [reader, readType] of Object.entries(readers))
    Object.defineProperty(probe, reader, {
      value: (attribute: string): unknown => {
        name = attribute
        type = readType
        given = Array.isArray(readType) && readType[0] === 'list' ? ['a'] : 'a'
        return given
      },
    })
  const value: unknown = get.call(probe)
  // A getter of a set wraps what it read in tolist(…).
  return name === undefined
    ? { value }
    : { value, seen: { name, type, isSet: Array.isArray(given) && value !== given } }
}

function addComplex(block: Block, value: Complex, use: Omit<Attribute, 'name' | 'type'>): void {
  const name = value.terraformAttribute
  const collection = collections[value.constructor.name]
  if (collection) {
    block.attributes.push({ name, type: value.wrapsSet ? asSet(collection) : collection, ...use })
    return
  }
  const inner = reflect(value.get ? value.get(0) : value)
  const nesting = value.wrapsSet ? 'set' : value.get || value.complexObjectIndex !== undefined ? 'list' : 'single'
  if (use.computed) {
    const element = typeOf(inner)
    block.attributes.push({ name, type: nesting === 'single' ? element : [nesting, element], ...use })
    return
  }
  block.blocks.push({
    name,
    nesting,
    minItems: use.required && nesting !== 'single' ? 1 : 0,
    maxItems: value.get || nesting === 'single' ? 0 : 1,
    block: inner,
  })
}

/** The type of a block's value. */
function typeOf(block: Block): ValueType {
  return [
    'object',
    Object.fromEntries([
      ...block.attributes.map(({ name, type }): [string, ValueType] => [name, type]),
      ...block.blocks.map(({ name, nesting, block: inner }): [string, ValueType] => [
        name,
        nesting === 'single' ? typeOf(inner) : [nesting, typeOf(inner)],
      ]),
    ]),
  ]
}

function asSet(type: ValueType): ValueType {
  return Array.isArray(type) && type[0] === 'list' ? ['set', type[1]] : type
}

interface HclAttribute {
  type: string
  storageClassType: string
  isBlock: boolean
}

/** The construct's settable attributes with the types of Terraform's own language. */
function hclAttributes(construct: object): Record<string, HclAttribute> {
  if (!('synthesizeHclAttributes' in construct) || typeof construct.synthesizeHclAttributes !== 'function') return {}
  // Attributes without a value are left out, so each private field answers with a token.
  const token: object = {
    resolve: () => null,
    get internalValue(): object {
      return token
    },
  }
  const filled = new Proxy(construct, {
    get: (target, property) =>
      typeof property === 'string' && property.startsWith('_') ? token : Reflect.get(target, property),
  })
  return construct.synthesizeHclAttributes.call(filled) as Record<string, HclAttribute>
}

/** Sets of strings or numbers among the construct's own attributes. */
function simpleSetNames(construct: object): Set<string> {
  return new Set(
    Object.entries(hclAttributes(construct))
      .filter(([, { type, isBlock }]) => type === 'set' && !isBlock)
      .map(([name]) => name),
  )
}

const providerTypes: Record<string, ValueType> = {
  string: 'string',
  number: 'number',
  boolean: 'bool',
  stringList: ['list', 'string'],
  stringMap: ['map', 'string'],
}

/** The provider's own arguments. Of its blocks only default_tags is ours; the others take what they are given. */
function providerBlock(scope: aws.TerraformStack): Block {
  const attributes: Attribute[] = []
  for (const [name, { type, storageClassType }] of Object.entries(hclAttributes(new aws.AwsProvider(scope, 'aws')))) {
    const simple = providerTypes[storageClassType]
    // Terraform itself reads alias; the provider does not see it.
    if (name !== 'default_tags' && name !== 'alias')
      attributes.push({ name, type: simple ? (type === 'set' ? asSet(simple) : simple) : 'dynamic', optional: true })
  }
  const tags: Attribute = { name: 'tags', type: ['map', 'string'], optional: true }
  return {
    attributes,
    blocks: [
      { name: 'default_tags', nesting: 'list', minItems: 0, maxItems: 0, block: { attributes: [tags], blocks: [] } },
    ],
  }
}

function getEphemeral(type: string): Block {
  const found = ephemeralSchemas[type]
  if (!found)
    throw new Error(
      `Expected an ephemeral resource of ${Object.keys(ephemeralSchemas).join(', ')}; ${type} is not written yet.`,
    )
  return found
}

/** Puts the written block of a type where the bindings have an attribute of any form. */
function withWritten(type: string, block: Block): Block {
  const written = writtenBlocks[type]
  const outer = block.blocks.find(({ name }) => name === written?.within)
  if (!written || !outer) return block
  outer.block.attributes = outer.block.attributes.filter(({ name }) => name !== written.block.name)
  outer.block.blocks.push(written.block)
  return block
}
