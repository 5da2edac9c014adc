package protocol

import (
	"bytes"
	"fmt"
	"math"
	"runtime/metrics"
)

// latencies has a line for each bucket of the runtime's histograms of durations that is not empty: the metric's name,
// where the bucket begins, in nanoseconds, and how many durations are in it. What has no beginning begins at -1.
func latencies() []byte {
	samples := []metrics.Sample{{Name: "/sched/latencies:seconds"}, {Name: "/sched/pauses/total/gc:seconds"}}
	metrics.Read(samples)
	var out bytes.Buffer
	for _, sample := range samples {
		if sample.Value.Kind() != metrics.KindFloat64Histogram {
			continue // this release does not have it
		}
		histogram := sample.Value.Float64Histogram()
		for i, count := range histogram.Counts {
			from := math.Round(histogram.Buckets[i] * 1e9)
			if math.IsInf(from, -1) {
				from = -1
			}
			if count > 0 {
				fmt.Fprintf(&out, "%s %.0f %d\n", sample.Name, from, count)
			}
		}
	}
	return out.Bytes()
}
