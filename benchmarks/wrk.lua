-- With EDGE_UNIQUE set, each request asks for another path below it; with EDGE_PATHS too, for one of so many in turn. At
-- the end, what was measured as one JSON object.
local unique = os.getenv("EDGE_UNIQUE")
local paths = tonumber(os.getenv("EDGE_PATHS") or "0")

if unique then
    local count = 0
    request = function()
        count = count + 1
        return wrk.format(nil, unique .. (paths > 0 and count % paths or count))
    end
end

done = function(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '\n{"requests": %d, "duration_us": %d, "p50_us": %d, "p99_us": %d, "broken": %d, "refused": %d}\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
