function handler(event) { return { statusCode: 200, body: '\u0001'.repeat(1000000) }; }
