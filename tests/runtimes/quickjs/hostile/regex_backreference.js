function handler(event) { return /^(a+)\1*\1*\1*\1*\1*$/.test('a'.repeat(3000) + 'b'); }
