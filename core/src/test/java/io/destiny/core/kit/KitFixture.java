package io.destiny.core.kit;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Share;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.Limits;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.Request;
import io.destiny.core.statement.Domain;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Small things that kit tests are made of. */
final class KitFixture {
  static final Domain DOMAIN = new Domain(new byte[16], 3);

  private KitFixture() {}

  static Settings settings(int n, int self) {
    QuorumRule rule = new QuorumRule(n, FaultModel.HYBRID);
    return new Settings(DOMAIN, rule, self, Limits.DEFAULT, Settings.Tuning.defaults(rule.f()));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static Digest digest(String text) {
    return Digest.of(bytes(text));
  }

  static Request request(long client, long timestamp, String... commands) {
    List<byte[]> list = java.util.Arrays.stream(commands).map(KitFixture::bytes).toList();
    return Request.of(DOMAIN, client, timestamp, list, new byte[64]);
  }

  static Share share(int signer) {
    byte[] point = new byte[Share.SIGNATURE_BYTES];
    point[0] = (byte) signer;
    return new Share(signer, point);
  }

  static Certificate certificate() {
    return new Certificate(new byte[Share.SIGNATURE_BYTES], new byte[] {3});
  }
}
