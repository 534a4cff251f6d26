import { describe, expect, it } from 'vitest'
import { isExpected, listDifferences } from './stack-differences.ts'

const stack = {
  '//': { metadata: { backend: 's3', version: '0.21.0' } },
  terraform: { required_providers: { aws: { source: 'aws', version: '6.25.0' } } },
  resource: { aws_vpc: { vpc: { cidr_block: '10.20.0.0/16', tags: ['a', 'b'] } } },
}

describe('differences between stacks', () => {
  it('are none for equal ones, whatever the order of the members', () => {
    const { resource, terraform, ...rest } = stack
    expect(listDifferences(stack, { ...rest, resource, terraform })).toEqual([])
  })

  it('are listed with their place: changed, gone, new and of another kind', () => {
    const other = {
      ...stack,
      resource: { aws_vpc: { vpc: { cidr_block: ['10.20.0.0/16'], tags: ['a'], region: null } } },
    }
    expect(listDifferences(stack, other)).toEqual([
      { path: 'resource.aws_vpc.vpc.cidr_block', left: '10.20.0.0/16', right: ['10.20.0.0/16'] },
      { path: 'resource.aws_vpc.vpc.tags.1', left: 'b', right: undefined },
      { path: 'resource.aws_vpc.vpc.region', left: undefined, right: null },
    ])
  })

  it('are expected where the bindings sign and where they name their provider, nowhere else', () => {
    const other = {
      '//': { metadata: { backend: 'local', version: '0.24.0' } },
      terraform: { required_providers: { aws: { source: 'hashicorp/aws', version: '6.66.0' } } },
      resource: stack.resource,
    }
    const differences = listDifferences(stack, other)
    expect(differences.filter(isExpected).map(({ path }) => path)).toEqual([
      '//.metadata.version',
      'terraform.required_providers.aws.source',
      'terraform.required_providers.aws.version',
    ])
    expect(differences.filter((each) => !isExpected(each)).map(({ path }) => path)).toEqual(['//.metadata.backend'])
  })
})
