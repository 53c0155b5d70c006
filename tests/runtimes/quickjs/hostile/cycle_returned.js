function handler(event) { var r = event.request; r.headers.self = { value: r }; r.headers.a = r.headers; return r; }
