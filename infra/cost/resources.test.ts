import { describe, expect, test } from 'vitest'
import { countIn, findReferred, isAbout, readPlan, readSynth } from './resources.ts'

/** As `terraform show -json` of Terraform 1.11 prints a plan: what is not known yet is left out, or null in a list. */
const planned = {
  format_version: '1.2',
  planned_values: {
    root_module: {
      resources: [
        {
          address: 'aws_ecs_service.web',
          mode: 'managed',
          type: 'aws_ecs_service',
          name: 'web',
          values: {
            name: 'web',
            desired_count: 1,
            network_configuration: [{ assign_public_ip: true, subnets: [null, null] }],
          },
        },
        { address: 'aws_eip.nat[0]', mode: 'managed', type: 'aws_eip', name: 'nat', values: {} },
        { address: 'aws_eip.nat[1]', mode: 'managed', type: 'aws_eip', name: 'nat', values: {} },
        { address: 'data.aws_region.here', mode: 'data', type: 'aws_region', name: 'here', values: {} },
      ],
    },
  },
  configuration: {
    root_module: {
      resources: [
        {
          mode: 'managed',
          type: 'aws_ecs_service',
          name: 'web',
          expressions: {
            name: { references: ['var.name', 'data.aws_region.here.name', 'data.aws_region.here'] },
            task_definition: { references: ['aws_ecs_task_definition.web.arn', 'aws_ecs_task_definition.web'] },
            network_configuration: [
              {
                assign_public_ip: { constant_value: true },
                subnets: {
                  references: ['aws_subnet.a.id', 'aws_subnet.a', 'aws_subnet.b.id', 'aws_subnet.b'],
                },
              },
            ],
          },
        },
      ],
    },
  },
}

describe('a plan', () => {
  test('has what it knows, and references where it does not know yet', () => {
    const [service, ...others] = readPlan(planned)
    expect(service).toEqual({
      address: 'aws_ecs_service.web',
      type: 'aws_ecs_service',
      name: 'web',
      values: {
        name: 'web',
        desired_count: 1,
        task_definition: '${aws_ecs_task_definition.web.arn}',
        network_configuration: [{ assign_public_ip: true, subnets: '${aws_subnet.a.id}${aws_subnet.b.id}' }],
      },
    })
    expect(others.map(({ address }) => address)).toEqual(['aws_eip.nat[0]', 'aws_eip.nat[1]'])
  })

  test('of what was made before still says what refers to what', () => {
    const made = structuredClone(planned)
    const values = made.planned_values.root_module.resources[0]!.values as Record<string, unknown>
    values['task_definition'] = 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:3'
    values['network_configuration'] = [{ assign_public_ip: true, subnets: ['subnet-1', 'subnet-2'] }]
    expect(readPlan(made)[0]!.values).toMatchObject({
      task_definition: '${aws_ecs_task_definition.web.arn}',
      network_configuration: [{ assign_public_ip: true, subnets: ['subnet-1', 'subnet-2'] }],
    })
  })

  test('may have ordered the blocks of a set anew', () => {
    const block = (id: string, more: object) => ({ id: { constant_value: id }, ...more })
    const stat = { stat: [{ metric: { references: ['aws_x.a.id', 'aws_x.a'] } }] }
    const [policy] = readPlan({
      planned_values: {
        root_module: {
          resources: [
            {
              address: 'aws_p.p',
              mode: 'managed',
              type: 'aws_p',
              name: 'p',
              values: {
                metrics: [
                  { id: 'a', stat: [] },
                  { id: 'b', stat: [{ metric: null }] },
                ],
              },
            },
          ],
        },
      },
      configuration: {
        root_module: {
          resources: [
            { mode: 'managed', type: 'aws_p', name: 'p', expressions: { metrics: [block('b', stat), block('a', {})] } },
          ],
        },
      },
    })
    expect(policy!.values).toEqual({
      metrics: [
        { id: 'a', stat: [] },
        { id: 'b', stat: [{ metric: '${aws_x.a.id}' }] },
      ],
    })
  })

  test('that is something else is refused', () => {
    expect(() => readPlan({ resource: {} })).toThrow('Expected a plan as terraform show -json prints it')
    const modules = { ...planned.planned_values.root_module, child_modules: [{}] }
    expect(() => readPlan({ ...planned, planned_values: { root_module: modules } })).toThrow('without modules')
  })
})

describe("a stack in Terraform's JSON", () => {
  test('has each resource with its address, those of a count one by one', () => {
    const resources = readSynth({
      resource: { aws_eip: { nat: { count: 2 }, out: {} }, aws_vpc: { main: { cidr_block: '10.0.0.0/16' } } },
    })
    expect(resources.map(({ address }) => address)).toEqual(['aws_eip.nat[0]', 'aws_eip.nat[1]', 'aws_eip.out', 'aws_vpc.main']) // prettier-ignore
    expect(resources[3]!.values).toEqual({ cidr_block: '10.0.0.0/16' })
  })

  test('cannot be counted where Terraform has to', () => {
    expect(() => readSynth({ resource: { aws_eip: { nat: { for_each: '${toset(["a"])}' } } } })).toThrow(
      'aws_eip.nat is made several times; price it from a plan',
    )
  })

  test('without resources costs nothing', () => expect(readSynth({ terraform: {} })).toEqual([]))
})

describe('references', () => {
  const [web, green] = readSynth({ resource: { aws_ecs_service: { web: { name: 'dayshift-web' }, 'web-green': {} } } })

  test('are counted in lists and in what stands for one', () => {
    expect(countIn(['subnet-1', 'subnet-2', 'subnet-3'])).toBe(3)
    expect(countIn('${aws_subnet.a.id}${aws_subnet.b.id}')).toBe(2)
    expect(countIn(undefined)).toBe(0)
  })

  test('are to one resource, not to one whose name begins alike', () => {
    expect(isAbout('service/main/${aws_ecs_service.web-green.name}', web!)).toBe(false)
    expect(isAbout('service/main/${aws_ecs_service.web-green.name}', green!)).toBe(true)
    expect(isAbout('service/main/dayshift-web', web!)).toBe(true)
    expect(isAbout('service/main/dayshift-web-green', web!)).toBe(false)
  })

  test('to data are not to a resource of the same name', () => {
    expect(findReferred([web!], 'aws_ecs_service', '${data.aws_ecs_service.web.arn}')).toBeUndefined()
    expect(findReferred([web!, green!], 'aws_ecs_service', '${aws_ecs_service.web-green.id}')).toBe(green)
  })
})
