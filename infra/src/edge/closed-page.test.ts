import { describe, expect, test } from 'vitest'
import { environmentOf, released } from '../testing/environment.ts'
import { planOf } from '../testing/foundation.ts'
import { closedPage } from './closed-page.ts'

const production = environmentOf(released, 'production', 'economy')
const page = closedPage(planOf('production', 'economy'))

describe('the page for when nothing runs', () => {
  test('says when it opens, by the schedule', () => {
    expect(page).toContain('<h1>We open at 08:00</h1>')
    expect(page).toContain('Monday to Friday, 08:00 to 18:00, Europe/Berlin time')
    const { hours } = planOf('production', 'economy')
    const weekend = planOf('production', 'economy', { hours: { ...hours, days: ['Sat'], from: '10:30' } })
    expect(closedPage(weekend)).toContain('<h1>We open at 10:30</h1>')
    expect(closedPage(weekend)).toContain('Saturday, 10:30 to 18:00')
  })

  test('promises no hour where the environment sleeps', () => {
    const asleep = closedPage(planOf('staging', 'economy'))
    expect(asleep).toContain('<h1>Dayshift is asleep</h1>')
    expect(asleep).not.toMatch(/\d\d:\d\d/)
  })

  test('is of one piece, small, and may load nothing', () => {
    expect(page.length).toBeLessThan(2_000)
    expect(page).not.toMatch(/(src|href|url)\s*[=(]/)
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
  })

  test('can be read by everybody: a language, a title, one heading, in the main part', () => {
    expect(page).toContain('<html lang="en">')
    expect(page).toMatch(/<title>[^<]+<\/title>/)
    expect(page.match(/<h1>/g)).toHaveLength(1)
    expect(page).toContain('<main>')
    // Who needs it larger, can have it: no maximum-scale, no user-scalable.
    expect(page).toContain('content="width=device-width"')
  })

  test('lies in the bucket of assets under the name that CloudFront asks for', () => {
    expect(production.get('aws_s3_object', 'closed-page')).toMatchObject({
      bucket: '${aws_s3_bucket.bucket-assets.bucket}',
      key: 'closed.html',
      content: page,
      content_type: 'text/html; charset=utf-8',
      cache_control: 'public, max-age=60',
    })
  })

  test('is given to this distribution alone, by TLS', () => {
    expect(production.statements('aws_s3_bucket_policy', 'closed-page-policy')).toEqual([
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      {
        Sid: 'ThisDistribution',
        Effect: 'Allow',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Action: 's3:GetObject',
        Resource: expect.stringMatching(/bucket-assets.+\/\*$/),
        Condition: { StringEquals: { 'aws:SourceArn': '${aws_cloudfront_distribution.distribution.arn}' } },
      },
    ])
  })
})
