function handler(event) { return { statusCode: 200, body: 'x'.repeat(2000000) }; }
