function handler(event) { return ('ab'.repeat(30) + 'c').match(/((ab)*)*$/g), /^(([a-z])+.)+[A-Z]([a-z])+$/.test('a'.repeat(60)); }
