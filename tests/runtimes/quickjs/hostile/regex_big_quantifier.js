function handler(event) { return /((a{0,1000}){0,1000}){0,1000}b/.test('a'.repeat(1000)); }
