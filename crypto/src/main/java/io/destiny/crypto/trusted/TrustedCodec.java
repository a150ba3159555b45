package io.destiny.crypto.trusted;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import io.destiny.core.trusted.ContinuingCertificate;
import io.destiny.core.trusted.ThreshSign.Quote;
import io.destiny.core.trusted.TrustedCall;
import java.util.ArrayList;
import java.util.List;

/** The bodies of requests and answers between a replica and its trusted process. */
final class TrustedCodec {
  /** Most calls in one request. */
  static final int MAX_CALLS = 256;

  /** Longest nonce. */
  static final int MAX_NONCE = 64;

  private static final int INDEPENDENT = 1;
  private static final int CONTINUING = 2;
  private static final int SIGNATURE_ALONE = 3;
  private static final int SHARED = 1;
  private static final int CONTINUED = 2;
  private static final int REFUSED = 3;
  private static final int ATTESTED = 4;
  private static final int SIGNATURE = 64;
  private static final int CALL_BYTES = 57;
  private static final int RESULT_BYTES = 115;
  private static final int MAX_KEY = 128;

  private TrustedCodec() {}

  static byte[] encodeCalls(List<TrustedCall> calls) {
    Writer w = new Writer(3 + CALL_BYTES * calls.size());
    w.u8(Operation.CALL.code()).u16(calls.size());
    for (TrustedCall call : calls) {
      switch (call) {
        case TrustedCall.IndependentShare f1 -> head(w, INDEPENDENT, f1);
        case TrustedCall.IndependentSignature f1 -> head(w, SIGNATURE_ALONE, f1);
        case TrustedCall.Continuing f4 -> head(w, CONTINUING, f4).u64(f4.expected());
      }
      w.u64(call.value()).digest(call.message());
    }
    return w.toBytes();
  }

  private static Writer head(Writer w, int kind, TrustedCall call) {
    return w.u8(kind).u32(call.instance()).u32(call.counter());
  }

  static List<TrustedCall> decodeCalls(Reader r) throws MalformedException {
    int count = r.u16();
    if (count > MAX_CALLS) {
      throw new MalformedException("too many calls");
    }
    List<TrustedCall> calls = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      calls.add(decodeCall(r));
    }
    r.end();
    return calls;
  }

  private static TrustedCall decodeCall(Reader r) throws MalformedException {
    int kind = r.u8();
    int instance = (int) r.u32();
    int counter = (int) r.u32();
    return switch (kind) {
      case INDEPENDENT -> new TrustedCall.IndependentShare(instance, counter, r.u64(), r.digest());
      case SIGNATURE_ALONE ->
          new TrustedCall.IndependentSignature(instance, counter, r.u64(), r.digest());
      case CONTINUING ->
          new TrustedCall.Continuing(instance, counter, r.u64(), r.u64(), r.digest());
      default -> throw new MalformedException("unknown call");
    };
  }

  static byte[] encodeResults(List<Result> results) {
    Writer w = new Writer(2 + RESULT_BYTES * results.size());
    w.u16(results.size());
    results.forEach(result -> encodeResult(w, result));
    return w.toBytes();
  }

  private static void encodeResult(Writer w, Result result) {
    switch (result) {
      case Result.Shared s -> {
        w.u8(SHARED);
        s.share().encode(w);
        w.raw(s.attestation());
      }
      case Result.Attested a -> w.u8(ATTESTED).raw(a.attestation());
      case Result.Continued c -> {
        ContinuingCertificate certificate = c.certificate();
        w.u8(CONTINUED)
            .u16(certificate.replica())
            .u64(certificate.boot())
            .u8(certificate.counter())
            .u64(certificate.previous())
            .u64(certificate.value())
            .raw(certificate.signature());
      }
      case Result.Refused refused ->
          w.u8(REFUSED).u8(code(refused.reason())).u64(refused.current());
      default -> throw new IllegalStateException("no answer to a trusted call: " + result);
    }
  }

  static List<Result> decodeResults(Reader r, int expected) throws MalformedException {
    if (r.u16() != expected) {
      throw new MalformedException("another number of answers");
    }
    List<Result> results = new ArrayList<>(expected);
    for (int i = 0; i < expected; i++) {
      results.add(decodeResult(r));
    }
    r.end();
    return results;
  }

  private static Result decodeResult(Reader r) throws MalformedException {
    return switch (r.u8()) {
      case SHARED -> new Result.Shared(Share.decode(r), r.raw(SIGNATURE));
      case ATTESTED -> new Result.Attested(r.raw(SIGNATURE));
      case CONTINUED ->
          new Result.Continued(
              new ContinuingCertificate(
                  r.u16(), r.u64(), r.u8(), r.u64(), r.u64(), r.raw(SIGNATURE)));
      case REFUSED -> new Result.Refused(refusal(r.u8()), r.u64());
      default -> throw new MalformedException("unknown answer");
    };
  }

  private static int code(Result.Refusal refusal) {
    return switch (refusal) {
      case OUT_OF_RANGE -> 1;
      case COUNTER -> 2;
      case NOT_PROVISIONED -> 3;
      case UNAVAILABLE -> 4;
    };
  }

  private static Result.Refusal refusal(int code) throws MalformedException {
    for (Result.Refusal refusal : Result.Refusal.values()) {
      if (code(refusal) == code) {
        return refusal;
      }
    }
    throw new MalformedException("unknown refusal");
  }

  static byte[] encodeRead(int instance, int counter) {
    return new Writer(9).u8(Operation.READ.code()).u32(instance).u32(counter).toBytes();
  }

  static byte[] encodeAttest(byte[] nonce) {
    return new Writer(5 + nonce.length).u8(Operation.ATTEST.code()).bytes(nonce).toBytes();
  }

  static byte[] encodeQuote(Quote quote) {
    return new Writer(512)
        .u8(quote.provisioned() ? 1 : 0)
        .u32(quote.epoch())
        .u32(quote.replica())
        .u64(quote.boot())
        .bytes(quote.attestationKey())
        .bytes(quote.shareKey())
        .bytes(quote.signature())
        .toBytes();
  }

  static Quote decodeQuote(Reader r) throws MalformedException {
    Quote quote =
        new Quote(
            r.u8() != 0,
            r.u32(),
            (int) r.u32(),
            r.u64(),
            r.bytes(MAX_KEY),
            r.bytes(MAX_KEY),
            r.bytes(MAX_KEY));
    r.end();
    return quote;
  }
}
