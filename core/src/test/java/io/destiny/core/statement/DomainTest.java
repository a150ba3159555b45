package io.destiny.core.statement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The layout of 00-system-model §5: what is pinned here must never change within version 1. */
class DomainTest {
  private static final byte[] CLUSTER = bytes(0, 16);
  private static final long EPOCH = 7;
  private static final long BOOT = 0x1122334455667788L;
  private static final long VALUE = (3L << 40) | 9;
  private static final Domain DOMAIN = new Domain(CLUSTER, EPOCH);
  private static final Digest D = Digest.fromBytes(bytes(100, 32));
  private static final Digest E = Digest.fromBytes(bytes(200, 32));

  private static byte[] bytes(int first, int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) (first + i);
    }
    return bytes;
  }

  /** The layout once more, with nothing of the code that is tested. */
  private static byte[] statement(
      String tag, int kind, int instance, long view, long sequence, Consumer<ByteBuffer> fields) {
    return statement(EPOCH, tag, kind, instance, view, sequence, fields);
  }

  private static byte[] statement(
      long epoch,
      String tag,
      int kind,
      int instance,
      long view,
      long sequence,
      Consumer<ByteBuffer> fields) {
    ByteBuffer b = ByteBuffer.allocate(512);
    b.put(tag.getBytes(StandardCharsets.US_ASCII));
    b.position(16);
    b.put((byte) 1).put(CLUSTER).putInt((int) epoch).put((byte) kind).putShort((short) instance);
    b.putInt((int) view).putLong(sequence);
    fields.accept(b);
    byte[] bytes = new byte[b.position()];
    b.flip().get(bytes);
    return bytes;
  }

  private static final byte[] SHARE =
      statement("TS1-IND", 7, 2, 0, VALUE, b -> b.put((byte) 0).put(D.toBytes()));

  static Stream<Arguments> pinned() {
    return Stream.of(
        Arguments.of(
            "request",
            Digest.of(DOMAIN.request((3L << 32) | 4, 5, new byte[] {1, 2, 3})),
            statement(
                0,
                "DS-REQUEST",
                1,
                0,
                0,
                5,
                b -> b.putLong((3L << 32) | 4).putInt(3).put(new byte[] {1, 2, 3})),
            "85df48d454217b65506b92c38a3f178c1acac2563e65fe608ab545d4afd647dd"),
        Arguments.of(
            "proposal",
            DOMAIN.proposal(Instances.ORDER, 3, 9, D),
            statement("LH-PROP", 2, 0xFFFF, 3, 9, b -> b.put(D.toBytes())),
            "35d95db61f12020bd55945edcd22ba88b60dc590c0ffb96550139c90a921f99f"),
        Arguments.of(
            "share",
            Digest.of(DOMAIN.share(2, 0, VALUE, D)),
            SHARE,
            "b4462a486fb04c5a6643cb99e88a5426577c1e398fe2175b4b788e4e75317510"),
        Arguments.of(
            "share signature",
            Digest.of(DOMAIN.shareSignature(6, BOOT, 2, 0, VALUE, D)),
            statement(
                "TS1-INDSIG", 8, 2, 0, VALUE, b -> b.putShort((short) 6).putLong(BOOT).put(SHARE)),
            "6cb500a31579ae990f188170c79c671f883ab8063e9d98c39c06aa62559eeda5"),
        Arguments.of(
            "continuing",
            Digest.of(DOMAIN.continuing(6, BOOT, 2, 0, VALUE, 4L << 40, D)),
            statement(
                "TS1-CON",
                9,
                2,
                0,
                4L << 40,
                b ->
                    b.putShort((short) 6)
                        .putLong(BOOT)
                        .put((byte) 0)
                        .putLong(VALUE)
                        .put(D.toBytes())),
            "880feb3f7393e3d5b85c01e8407680ae386374332f626439bdcb1f637373c14f"),
        Arguments.of(
            "execution",
            Digest.of(DOMAIN.execution(1, 9, 77, D)),
            statement("LH-EXEC", 3, 1, 0, 9, b -> b.putLong(77).put(D.toBytes())),
            "56506e23431963f7503b0e40b7977cc176ab63dfea1529989155ca8787f95c02"),
        Arguments.of(
            "checkpoint",
            Digest.of(DOMAIN.checkpoint(128, D)),
            statement("LH-CKPT", 4, 0xFFFF, 0, 128, b -> b.put(D.toBytes())),
            "cda57f12f2311678e684233e6a0532340f52de5395ee2b040a19fdaccb97d338"),
        Arguments.of(
            "checkpoint state",
            DOMAIN.checkpointState(128, List.of(D, E)),
            statement(
                "DQ-STATE",
                12,
                0xFFFF,
                0,
                128,
                b -> b.putShort((short) 2).put(D.toBytes()).put(E.toBytes())),
            "b2a3e3464ae38066b3bc9a77b615afd2a357f9f7f232a30a8f006568ddfa01fd"),
        Arguments.of(
            "recovery",
            Digest.of(DOMAIN.recovery(6, 128, D)),
            statement("DQ-RECOVERY", 19, 0xFFFF, 0, 128, b -> b.putInt(6).put(D.toBytes())),
            "dd9fa3fd43818cfba0d967d8e90182570a729e2ccec984eb7972cbf5746c2fb6"),
        Arguments.of(
            "possession",
            Digest.of(DOMAIN.possession(1, 6, new byte[] {4, 5, 6})),
            statement(
                "DS-POP",
                10,
                0,
                0,
                0,
                b -> b.put((byte) 1).putShort((short) 6).putInt(3).put(new byte[] {4, 5, 6})),
            "367f7e4addc902b3484991257a5877f802e30e70a34823c286270fa5fd1e2f20"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("pinned")
  void everyStatementHasTheBytesOfTheSpecification(
      String name, Digest ours, byte[] layout, String pinned) {
    assertThat(Digest.of(layout).toHex()).as("the test's own layout").isEqualTo(pinned);
    assertThat(ours.toHex()).isEqualTo(pinned);
  }

  @Test
  void everyPairOfKindsDiffers() {
    Set<Integer> codes = new HashSet<>();
    List<byte[]> starts = new ArrayList<>();
    for (StatementKind kind : StatementKind.values()) {
      assertThat(codes.add(kind.code())).as("%s has a code of its own", kind).isTrue();
      starts.add(DOMAIN.begin(kind, 1, 2, 3).toBytes());
    }
    for (int i = 0; i < starts.size(); i++) {
      assertThat(starts.get(i)).hasSize(Domain.PREFIX_BYTES);
      for (int j = i + 1; j < starts.size(); j++) {
        byte[] tagOfI = Arrays.copyOf(starts.get(i), 16);
        byte[] tagOfJ = Arrays.copyOf(starts.get(j), 16);
        assertThat(tagOfI).isNotEqualTo(tagOfJ);
        assertThat(starts.get(i)).isNotEqualTo(starts.get(j));
      }
    }
  }

  @Test
  void clusterEpochInstanceViewAndSequenceAllCount() {
    Digest base = DOMAIN.proposal(1, 2, 3, D);
    byte[] other = CLUSTER.clone();
    other[15] ^= 1;

    assertThat(
            List.of(
                new Domain(other, EPOCH).proposal(1, 2, 3, D),
                new Domain(CLUSTER, EPOCH + 1).proposal(1, 2, 3, D),
                DOMAIN.proposal(2, 2, 3, D),
                DOMAIN.proposal(1, 3, 3, D),
                DOMAIN.proposal(1, 2, 4, D),
                DOMAIN.proposal(1, 2, 3, E)))
        .doesNotContain(base)
        .doesNotHaveDuplicates();
  }

  /** P1: no arithmetic on fields makes a share of one tuple valid for another. */
  @Test
  void noTwoTuplesHaveOneShareStatement() {
    Set<Digest> seen = new HashSet<>();
    Digest[] messages = {D, E, new Digest(D.a() ^ 1, D.b(), D.c(), D.d())};
    for (int instance : new int[] {0, 1, 2, 256, Instances.ORDER}) {
      for (int counter = 0; counter < 3; counter++) {
        for (long value = 0; value < 64; value++) {
          for (Digest m : messages) {
            assertThat(seen.add(Digest.of(DOMAIN.share(instance, counter, value, m)))).isTrue();
          }
        }
      }
    }
  }

  @Test
  void aDomainNeedsAClusterAndAnEpoch() {
    assertThatThrownBy(() -> new Domain(new byte[15], 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Domain(new byte[16], 1L << 32))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Domain(new byte[16], -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aDomainKeepsItsOwnCluster() {
    byte[] cluster = CLUSTER.clone();
    Domain domain = new Domain(cluster, EPOCH);
    cluster[0] = 99;
    domain.cluster()[1] = 99;
    assertThat(domain).isEqualTo(DOMAIN).hasSameHashCodeAs(DOMAIN);
  }
}
