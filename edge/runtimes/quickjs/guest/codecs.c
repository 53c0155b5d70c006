// Text and bytes: the encodings that CloudFront Functions know. Broken input is read as far as it makes sense.

enum { NO_ENCODING, UTF8, HEX, BASE64, BASE64URL };

static int encoding_by_name(JSContext *ctx, JSValueConst value) {
    if (JS_IsUndefined(value))
        return UTF8;
    if (!JS_IsString(value))
        return NO_ENCODING;
    const char *name = JS_ToCString(ctx, value);
    int found = !strcmp(name, "utf8") || !strcmp(name, "utf-8") ? UTF8
                : !strcmp(name, "hex")                          ? HEX
                : !strcmp(name, "base64")                       ? BASE64
                : !strcmp(name, "base64url")                    ? BASE64URL
                                                                : NO_ENCODING;
    JS_FreeCString(ctx, name);
    return found;
}

static int hex_digit(uint8_t c) {
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

static int base64_digit(uint8_t c) {
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+' || c == '-' ? 62
           : c == '/' || c == '_' ? 63
                                  : -1;
}

// A lone surrogate, which QuickJS writes as ED A0..BF xx, becomes U+FFFD.
static size_t encode_utf8(const uint8_t *text, size_t length, uint8_t *out) {
    memcpy(out, text, length);
    for (size_t i = 0; i + 2 < length; i++)
        if (out[i] == 0xed && out[i + 1] >= 0xa0)
            memcpy(out + i, "\xef\xbf\xbd", 3);
    return length;
}

// Text to bytes; `out` has room for `length` of them.
static size_t encode(int encoding, const char *chars, size_t length, uint8_t *out) {
    const uint8_t *text = (const uint8_t *)chars;
    size_t size = 0;
    if (encoding == UTF8)
        return encode_utf8(text, length, out);
    if (encoding == HEX) {
        for (size_t i = 0; i + 1 < length && hex_digit(text[i]) >= 0 && hex_digit(text[i + 1]) >= 0; i += 2)
            out[size++] = hex_digit(text[i]) << 4 | hex_digit(text[i + 1]);
        return size;
    }
    uint32_t group = 0;
    int bits = 0;
    for (size_t i = 0; i < length && text[i] != '='; i++) {
        int digit = base64_digit(text[i]);
        if (digit < 0)
            continue;
        group = group << 6 | digit;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[size++] = group >> bits;
        }
    }
    return size;
}

static size_t decoded_max(int encoding, size_t length) {
    return encoding == UTF8 ? length * 3 : encoding == HEX ? length * 2 : (length + 2) / 3 * 4;
}

// The length of the valid UTF-8 sequence at the front, 0 when there is none; `*skip` is how much to replace then.
static int utf8_sequence(const uint8_t *bytes, size_t length, int *skip) {
    uint8_t lead = bytes[0];
    *skip = 1;
    if (lead < 0x80)
        return 1;
    int size = lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
    for (int i = 1; i < size; i++) {
        uint8_t low = 0x80, high = 0xbf;
        if (i == 1) {
            low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : low;
            high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : high;
        }
        if ((size_t)i >= length || bytes[i] < low || bytes[i] > high) {
            *skip = i;
            return 0;
        }
    }
    return size;
}

static size_t decode_utf8(const uint8_t *bytes, size_t length, char *out, bool *valid) {
    size_t size = 0;
    for (size_t i = 0; i < length;) {
        int skip, sequence = utf8_sequence(bytes + i, length - i, &skip);
        if (sequence) {
            memcpy(out + size, bytes + i, sequence);
            size += sequence, i += sequence;
        } else {
            *valid = false;
            memcpy(out + size, "\xef\xbf\xbd", 3);
            size += 3, i += skip;
        }
    }
    return size;
}

// Bytes to text in UTF-8; `out` has room for decoded_max.
static size_t decode(int encoding, const uint8_t *bytes, size_t length, char *out, bool *valid) {
    size_t size = 0;
    if (encoding == UTF8)
        return decode_utf8(bytes, length, out, valid);
    if (encoding == HEX) {
        for (size_t i = 0; i < length; i++) {
            out[size++] = "0123456789abcdef"[bytes[i] >> 4];
            out[size++] = "0123456789abcdef"[bytes[i] & 15];
        }
        return size;
    }
    const char *digits = encoding == BASE64 ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
                                            : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        uint32_t group = bytes[i] << 16 | (left > 1 ? bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0);
        out[size++] = digits[group >> 18];
        out[size++] = digits[group >> 12 & 63];
        if (left > 1)
            out[size++] = digits[group >> 6 & 63];
        if (left > 2)
            out[size++] = digits[group & 63];
    }
    while (encoding == BASE64 && size % 4)
        out[size++] = '=';
    return size;
}
