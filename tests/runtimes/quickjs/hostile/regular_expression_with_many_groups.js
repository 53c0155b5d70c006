function handler(event) { return new RegExp('(a*)*'.repeat(2000) + 'b').test('a'.repeat(1000)); }
