// The text format 0.0.4 of Prometheus, read more strictly than Prometheus does: each family is announced
// once, with help and type in front, and is in one piece; no series comes twice; histograms add up.
import assert from 'node:assert/strict'

const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (-?\d+(?:\.\d+)?|[+-]Inf|NaN)$/

const familyOf = (name, types) => {
  const histogram = name.replace(/_(bucket|sum|count)$/, '')
  return types.get(histogram) === 'histogram' ? histogram : name
}

function checkHistograms(samples, types) {
  for (const [name, type] of types) {
    if (type !== 'histogram') continue
    const groups = new Map()
    for (const [series, value] of samples) {
      const [, rest] = series.split(`${name}_bucket`)
      if (rest === undefined) continue
      const le = /,?le="([^"]*)"/.exec(rest)
      const labels = rest.replace(le[0], '')
      groups.set(labels, [...groups.get(labels) ?? [], [le[1] === '+Inf' ? Infinity : Number(le[1]), value]])
    }
    assert.ok(groups.size > 0, name)
    for (const [labels, buckets] of groups) {
      for (let i = 1; i < buckets.length; i++) {
        assert.ok(buckets[i][0] > buckets[i - 1][0], `${name}${labels}: bounds must rise`)
        assert.ok(buckets[i][1] >= buckets[i - 1][1], `${name}${labels}: buckets are cumulative`)
      }
      assert.equal(buckets.at(-1)[0], Infinity, `${name}${labels}`)
      assert.equal(samples.get(`${name}_count${labels}`), buckets.at(-1)[1], `${name}${labels}`)
      assert.ok(samples.get(`${name}_sum${labels}`) >= 0, `${name}${labels}`)
    }
  }
}

// { samples: Map of 'name{labels}' to a number, types: Map of families }
export function parseMetrics(text) {
  assert.match(text, /\n$/, 'the last line ends, too')
  const samples = new Map(), types = new Map(), helped = new Set()
  let family
  for (const line of text.slice(0, -1).split('\n')) {
    const help = /^# HELP (\S+) \S.*$/.exec(line), type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line)
    if (help) {
      assert.ok(!helped.has(help[1]), `${help[1]} is announced twice`)
      helped.add(family = help[1])
      continue
    }
    if (type) {
      assert.equal(type[1], family, 'help comes first')
      types.set(...type.slice(1))
      continue
    }
    const [, name, labels, value] = sample.exec(line) ?? assert.fail(`no line of the format: ${line}`)
    assert.equal(familyOf(name, types), family, `${line} stands in another family`)
    const series = labels === undefined ? name : `${name}{${labels}}`
    assert.ok(!samples.has(series), `${series} comes twice`)
    if (types.get(family) === 'counter') assert.match(name, /_total$/)
    samples.set(series, Number(value.replace('Inf', 'Infinity')))
  }
  checkHistograms(samples, types)
  return { samples, types }
}
