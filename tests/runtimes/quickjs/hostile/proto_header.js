function handler(event) { var h = JSON.parse('{"__proto__": {"x": {"value": "1"}}}'); for (;;) h = JSON.parse(JSON.stringify({ a: h, b: h })); }
