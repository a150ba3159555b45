package io.destiny.sim.cpu;

import io.destiny.core.crypto.Work;
import io.destiny.core.model.Request;
import io.destiny.core.trusted.TrustedCall;

/** The charges of experiments.md §6 in nanoseconds on a machine of speed 1, kappa included. */
final class Price {
  final int cores;
  final double pausesPerSecond;
  final long pauseMin;
  final long pauseMax;
  final long dispatch;
  final long enqueue;
  final long sync;
  final long snapshot;
  private final long trusted;
  private final long attested;
  private final CostTable t;
  private final double kappa;

  Price(CostTable t) {
    this.t = t;
    this.kappa = t.get("kappa");
    this.cores = (int) t.get("cores");
    this.pausesPerSecond = t.get("pause_per_second");
    this.pauseMin = (long) (t.get("pause_min") * 1000);
    this.pauseMax = (long) (t.get("pause_max") * 1000);
    this.dispatch = micros(t.get("dispatch"));
    this.enqueue = micros(t.get("enqueue"));
    this.sync = (long) (t.get("sync") * 1000);
    this.snapshot = (long) (t.get("snapshot") * 1000);
    double slowdown = t.get("enclave_slowdown");
    double inside = (t.get("bls_sign") + t.get("ed25519_sign")) * slowdown;
    this.trusted = micros(t.get("enclave_call") + inside);
    this.attested = micros(t.get("enclave_call") + t.get("ed25519_sign") * slowdown);
  }

  private long micros(double value) {
    return Math.round(value * 1000 * kappa);
  }

  private long linear(String constant, long bytes) {
    return micros(t.get(constant) + t.get(constant + "_per_byte") * bytes / 1000);
  }

  /** Of a call into the trusted subsystem; only a share takes a BLS signature. */
  long trusted(TrustedCall call) {
    return call instanceof TrustedCall.IndependentSignature ? attested : trusted;
  }

  long serialise(int bytes) {
    return linear("serialise", bytes);
  }

  /** Of one message at its receiver: decoding, payload digest, dispatch. */
  long receive(int bytes, boolean payload) {
    return linear("deserialise", bytes) + (payload ? linear("sha", bytes) : 0) + dispatch;
  }

  /** Of one frame through the I/O path, on either side. */
  long frame(int bytes) {
    return linear("frame", bytes);
  }

  /** A client's request: decoding, digest, signature. */
  long request(Request request) {
    int bytes = request.encodedLength();
    return linear("deserialise", bytes) + linear("sha", bytes) + micros(t.get("client_verify"));
  }

  long execute(int commands) {
    return micros(t.get("put") * commands);
  }

  long reply() {
    return micros(t.get("reply"));
  }

  long work(Work work) {
    return switch (work) {
      case Work.VerifyRequests w -> micros(t.get("client_verify") * w.requests().size());
      case Work.VerifyAttestation w -> micros(t.get("ed25519_verify"));
      case Work.VerifyContinuing w -> micros(t.get("ed25519_verify"));
      case Work.VerifyCertificate w -> micros(t.get("bls_verify"));
      case Work.Combine w -> micros(t.get("bls_combine") * w.shares().size() + t.get("bls_verify"));
      case Work.SignReplica w -> micros(t.get("ed25519_sign"));
      case Work.VerifyReplica w -> micros(t.get("ed25519_verify"));
      case Work.SignExecution w -> micros(t.get("bls_sign"));
      case Work.All w -> w.parts().stream().mapToLong(this::work).sum();
    };
  }
}
