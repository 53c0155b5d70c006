function handler(event) { return new RegExp('(' + 'a?'.repeat(20000) + 'a{1,30000}){1,30000}').test('a'.repeat(30000)); }
