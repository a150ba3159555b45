package io.destiny.protocols.sbft;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;

/**
 * prep[s] (sbft.md §4 rule 5): Q replicas have accepted this value in this view.
 *
 * @param certificate τ(h)
 */
record PrepareCertificate(long view, Digest value, Certificate certificate) {
  int encodedLength() {
    return 4 + Digest.BYTES + certificate.encodedLength();
  }

  void encode(Writer w) {
    certificate.encode(w.u32(view).digest(value));
  }

  static PrepareCertificate decode(Reader r) throws MalformedException {
    return new PrepareCertificate(r.u32(), r.digest(), Certificate.decode(r));
  }
}
