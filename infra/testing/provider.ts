import { randomBytes, randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { type Fault, findFaults } from './faults.ts'
import { fillPlausibly } from './plausible.ts'
import { type Block, readSchemas, type TerraformJson } from './schema.ts'
import { decode, encode, isObject, notYetKnown, type ObjectValue, type Value, type WireValue } from './values.ts'

/** A provider `hashicorp/aws` for Terraform that answers out of the schemas and keeps nothing: state is Terraform's own. */
export interface StubProvider extends AsyncDisposable {
  /** What Terraform needs as TF_REATTACH_PROVIDERS to talk to this process instead of starting a plugin. */
  reattach: string
  /** The secrets that ephemeral resources have handed out. */
  secretsGiven: string[]
  /** The values of write-only arguments that came with an apply, by `type.argument`. */
  writeOnlyReceived: Record<string, Value[]>
}

const severityError = 1
const nestings = { single: 1, list: 2, set: 3 } as const

interface TypedRequest {
  type_name: string
  config: WireValue
}

interface PlanRequest extends TypedRequest {
  prior_state: WireValue
  proposed_new_state: WireValue
}

interface ApplyRequest extends TypedRequest {
  prior_state: WireValue
  planned_state: WireValue
}

/** Starts the provider for the types of one or more synthesized stacks, on a free port of this machine. */
export async function startProvider(...stacks: TerraformJson[]): Promise<StubProvider> {
  const json = mergeTypes(stacks)
  const schemas = readSchemas(json)
  const isReferenced = referencedAttributes(stacks)
  const secretsGiven: string[] = []
  const writeOnlyReceived: Record<string, Value[]> = {}
  let region = 'us-east-1'
  let defaultTags: ObjectValue = {}

  const resource = (type: string): Block => getSchema(schemas.resources, type)
  const diagnosticsOf = (type: string, block: Block, config: WireValue): object[] =>
    findFaults(type, block, decode(config) ?? {}).map(diagnostic)

  const methods: Record<string, (request: never) => object> = {
    GetSchema: () => ({
      provider: wireSchema(schemas.provider),
      resource_schemas: wireSchemas(schemas.resources),
      data_source_schemas: wireSchemas(schemas.data),
      ephemeral_resource_schemas: wireSchemas(schemas.ephemeral),
    }),
    PrepareProviderConfig: ({ config }: TypedRequest) => ({ prepared_config: config }),
    Configure: ({ config }: TypedRequest) => {
      const values = decode(config) ?? {}
      if (typeof values['region'] === 'string') region = values['region']
      const [tags] = Array.isArray(values['default_tags']) ? values['default_tags'] : []
      defaultTags = isObject(tags) && isObject(tags['tags']) ? tags['tags'] : {}
      return {}
    },
    ValidateResourceTypeConfig: ({ type_name, config }: TypedRequest) => ({
      diagnostics: diagnosticsOf(type_name, resource(type_name), config),
    }),
    ValidateDataSourceConfig: ({ type_name, config }: TypedRequest) => ({
      diagnostics: diagnosticsOf(`data.${type_name}`, getSchema(schemas.data, type_name), config),
    }),
    ValidateEphemeralResourceConfig: () => ({}),
    UpgradeResourceState: ({ type_name, raw_state }: { type_name: string; raw_state: { json: Uint8Array } }) => ({
      upgraded_state: encode(
        withAllMembers(resource(type_name), JSON.parse(Buffer.from(raw_state.json).toString()) as ObjectValue),
      ),
    }),
    ReadResource: ({ current_state }: { current_state: WireValue }) => ({ new_state: current_state }),
    PlanResourceChange: ({ type_name, prior_state, proposed_new_state, config }: PlanRequest) => {
      const values = decode(proposed_new_state)
      if (!values) return { planned_state: encode(null) }
      const block = resource(type_name)
      const replaces = replacedBy(type_name, decode(prior_state), values)
      markUnknown(block, values, (name) => name === 'id' || isReferenced(type_name, name), replaces.length > 0)
      if ('region' in values) values['region'] ??= region
      if ('tags_all' in values) values['tags_all'] = allTags(defaultTags, values['tags'])
      return {
        planned_state: encode(values),
        requires_replace: replaces.map((name) => ({ steps: [{ attribute_name: name }] })),
        diagnostics: diagnosticsOf(type_name, block, config),
      }
    },
    ApplyResourceChange: ({ type_name, prior_state, planned_state, config }: ApplyRequest) => {
      const values = decode(planned_state)
      if (!values) return destroy(prior_state)
      const block = resource(type_name)
      for (const { name, writeOnly } of block.attributes) {
        const received = writeOnly ? decode(config)?.[name] : undefined
        if (received != null) (writeOnlyReceived[`${type_name}.${name}`] ??= []).push(received)
      }
      fillPlausibly({ type: type_name, region, seed: randomUUID() }, block, values, () => false)
      return { new_state: encode(values) }
    },
    ImportResourceState: ({ type_name, id }: { type_name: string; id: string }) => ({
      imported_resources: [{ type_name, state: encode(withAllMembers(resource(type_name), { id })) }],
    }),
    ReadDataSource: ({ type_name, config }: TypedRequest) => {
      const values = decode(config) ?? {}
      const block = getSchema(schemas.data, type_name)
      const isComputed = new Set(block.attributes.filter(({ computed }) => computed).map(({ name }) => name))
      fillPlausibly(
        { type: type_name, region, seed: JSON.stringify(values) },
        block,
        values,
        (name) => isComputed.has(name) || name === 'id' || isReferenced(`data.${type_name}`, name),
      )
      return { state: encode(values), diagnostics: diagnosticsOf(`data.${type_name}`, block, config) }
    },
    OpenEphemeralResource: ({ config }: TypedRequest) => {
      const values = decode(config) ?? {}
      const secret = randomBytes(64)
        .toString('base64url')
        .slice(0, Number(values['password_length'] ?? 32))
      secretsGiven.push(secret)
      return { result: encode({ ...values, region, random_password: secret }) }
    },
    RenewEphemeralResource: () => ({}),
    CloseEphemeralResource: () => ({}),
    Stop: () => ({}),
  }
  const { port, close } = await serve(methods)
  return {
    secretsGiven,
    writeOnlyReceived,
    reattach: JSON.stringify({
      'registry.terraform.io/hashicorp/aws': {
        Protocol: 'grpc',
        ProtocolVersion: 5,
        Pid: process.pid,
        Test: true,
        Addr: { Network: 'tcp', String: `127.0.0.1:${port}` },
      },
    }),
    [Symbol.asyncDispose]: close,
  }
}

function mergeTypes(stacks: TerraformJson[]): TerraformJson {
  return {
    resource: Object.assign({}, ...stacks.map(({ resource }) => resource)) as Record<string, object>,
    data: Object.assign({}, ...stacks.map(({ data }) => data)) as Record<string, object>,
    ephemeral: Object.assign({}, ...stacks.map(({ ephemeral }) => ephemeral)) as Record<string, object>,
  }
}

/**
 * The bindings do not say which optional arguments the provider fills in. Those that another resource reads are taken to be such; the others
 * stay empty when they are not given.
 */
function referencedAttributes(stacks: TerraformJson[]): (type: string, name: string) => boolean {
  const references = JSON.stringify(stacks).matchAll(/((?:data\.)?aws_\w+)\.[\w-]+(?:\[[^\]]*\])?\.(\w+)/g)
  const found = new Set([...references].map(([, type, name]) => `${type}.${name}`))
  return (type, name) => found.has(`${type}.${name}`)
}

function getSchema(schemas: Record<string, Block>, type: string): Block {
  const found = schemas[type]
  if (!found) throw new Error(`Expected one of the types that the provider was started with; ${type} came.`)
  return found
}

/** Marks what only an apply will tell. Inside blocks that is done in lists only: an unknown value would change an element of a set. */
function markUnknown(block: Block, values: ObjectValue, isComputed: (name: string) => boolean, isNew: boolean): void {
  for (const { name, computed, writeOnly } of block.attributes) {
    const isMade = computed || isComputed(name)
    if (writeOnly) values[name] = null
    else if (isMade && (values[name] == null || (isNew && computed))) values[name] = notYetKnown
  }
  for (const { name, nesting, block: inner } of block.blocks) {
    const nested = values[name]
    if (nesting !== 'list' || !Array.isArray(nested)) continue
    for (const element of nested.filter(isObject)) markUnknown(inner, element, () => false, isNew)
  }
}

/** Each change of a task definition is a new revision. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html */
function replacedBy(type: string, prior: ObjectValue | null, next: ObjectValue): string[] {
  if (type !== 'aws_ecs_task_definition' || !prior) return []
  return ['container_definitions', 'cpu', 'memory', 'family'].filter((name) => prior[name] !== next[name])
}

function allTags(defaults: ObjectValue, own: Value | undefined): Value {
  return own === notYetKnown ? notYetKnown : { ...defaults, ...(isObject(own) ? own : {}) }
}

function withAllMembers(block: Block, values: ObjectValue): ObjectValue {
  const attributes = block.attributes.map(({ name }) => [name, values[name] ?? null])
  const blocks = block.blocks.map(({ name, nesting, block: inner }) => {
    const nested = values[name] ?? (nesting === 'single' ? null : [])
    if (Array.isArray(nested))
      return [name, nested.map((each) => (isObject(each) ? withAllMembers(inner, each) : each))]
    return [name, isObject(nested) ? withAllMembers(inner, nested) : nested]
  })
  return Object.fromEntries([...attributes, ...blocks]) as ObjectValue
}

/** AWS does not delete what is protected. */
function destroy(prior: WireValue): object {
  const values = decode(prior) ?? {}
  const guard = ['deletion_protection', 'enable_deletion_protection'].find((name) => values[name] === true)
  if (!guard) return { new_state: encode(null) }
  const fault = { argument: guard, summary: `${guard}: expected false before it is destroyed; true came.` }
  return { new_state: prior, diagnostics: [diagnostic(fault)] }
}

const diagnostic = ({ argument, summary }: Fault): object => ({
  severity: severityError,
  summary,
  attribute: { steps: [{ attribute_name: argument }] },
})

const wireSchemas = (schemas: Record<string, Block>): object =>
  Object.fromEntries(Object.entries(schemas).map(([type, block]) => [type, wireSchema(block)]))

const wireSchema = (block: Block): object => ({ version: 0, block: wireBlock(block) })

function wireBlock({ attributes, blocks }: Block): object {
  return {
    attributes: attributes.map(({ name, type, required, optional, computed, writeOnly }) => ({
      name,
      type: Buffer.from(JSON.stringify(type)),
      required: required === true,
      optional: optional === true,
      // Every optional one may be filled in by the provider: see referencedAttributes.
      computed: computed === true || (optional === true && !writeOnly),
      write_only: writeOnly === true,
    })),
    block_types: blocks.map(({ name, nesting, minItems, maxItems, block }) => ({
      type_name: name,
      nesting: nestings[nesting],
      min_items: minItems,
      max_items: maxItems,
      block: wireBlock(block),
    })),
  }
}

const healthCheck: ServiceDefinition = {
  Check: {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: (value: Buffer) => value,
    requestDeserialize: (value: Buffer) => value,
    responseSerialize: (value: Buffer) => value,
    responseDeserialize: (value: Buffer) => value,
  },
}
/** The message { status: SERVING } of grpc.health.v1. */
const serving = Buffer.from([0x08, 0x01])

async function serve(
  methods: Record<string, (request: never) => object>,
): Promise<{ port: number; close: () => Promise<void> }> {
  const definition = loadSync(fileURLToPath(new URL('provider.proto', import.meta.url)), {
    keepCase: true,
    longs: Number,
    enums: Number,
    defaults: true,
  })
  const { tfplugin5 } = loadPackageDefinition(definition) as unknown as {
    tfplugin5: { Provider: { service: ServiceDefinition } }
  }
  const implementation: UntypedServiceImplementation = {}
  for (const [name, method] of Object.entries(methods))
    implementation[name] = (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>) => {
      try {
        callback(null, method(call.request as never))
      } catch (error) {
        callback(error as Error)
      }
    }
  const server = new Server({ 'grpc.max_send_message_length': -1, 'grpc.max_receive_message_length': -1 })
  server.addService(tfplugin5.Provider.service, implementation)
  server.addService(healthCheck, {
    Check: (_call: unknown, callback: sendUnaryData<Buffer>) => callback(null, serving),
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  // Terraform keeps its connection until it ends; whoever disposes has waited for it.
  return {
    port,
    close: async () => {
      server.forceShutdown()
      await Promise.resolve()
    },
  }
}
