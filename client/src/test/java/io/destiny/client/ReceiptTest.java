package io.destiny.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.model.Reply;
import io.destiny.core.model.Request;
import io.destiny.core.statement.MalformedException;
import io.destiny.crypto.PublicKeys;
import io.destiny.crypto.Scheme;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReceiptTest {
  private static final String ZERO = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  private static FakeCluster cluster;
  private static String json;

  @BeforeAll
  static void receipt() throws Exception {
    cluster = new FakeCluster(Scheme.MULTI_SIGNATURE);
    Request request =
        Request.of(cluster.domain, 1L << 32 | 5, 99, List.of(new byte[] {1}), new byte[64]);
    Reply reply = cluster.proof(request);
    json =
        Receipt.of(
                cluster.domain,
                reply,
                reply.place(),
                ((Reply.Proof) reply.evidence()).certificate())
            .toJson();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static PublicKeys keys() {
    return cluster.keys.publicKeys();
  }

  @Test
  void itHoldsAsWrittenAndHasTheFieldsOfTheContract() throws Exception {
    assertThat(Receipt.fromJson(json).verify(keys())).isEmpty();
    List<String> fields =
        List.of(
            "cluster",
            "epoch",
            "instance",
            "slot",
            "position",
            "root",
            "client",
            "timestamp",
            "request",
            "result",
            "path",
            "leafIndex",
            "proof",
            "bitmap");
    for (String field : fields) {
      assertThat(json).contains("\"" + field + "\" :");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "cluster, CLUSTER, \"AAAAAAAAAAAAAAAAAAAAAQ==\"",
    "epoch, EPOCH, 8",
    "client, CLIENT, 8589934597",
    "client, PATH, 4294967302",
    "timestamp, PATH, 100",
    "request, PATH, \"" + ZERO + "\"",
    "result, PATH, \"AAABAAAAAQI=\"",
    "leafIndex, PATH, 1",
    "leaves, PATH, 5",
    "path, PATH, []",
    "root, PATH, \"" + ZERO + "\"",
    "instance, PROOF, 2",
    "slot, PROOF, 2",
    "position, PROOF, 2",
    "bitmap, PROOF, \"AQ==\"",
    "bitmap, PROOF, \"Bw==\"",
    "bitmap, PROOF, \"\"",
    "proof, PROOF, \"AAAA\""
  })
  void theFailingCheckIsNamed(String field, Receipt.Check check, String value) throws Exception {
    String pattern = "(\"" + field + "\" : )(\\[[^\\]]*\\]|\"[^\"]*\"|[0-9]+)";
    String damaged = json.replaceFirst(pattern, "$1" + value);
    assertThat(damaged).isNotEqualTo(json);
    assertThat(Receipt.fromJson(damaged).verify(keys())).contains(check);
  }

  @Test
  void aMissingWrongOrUnreadableFieldIsNamed() {
    assertThatThrownBy(() -> Receipt.fromJson(json.replace("\"slot\"", "\"slat\"")))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("'slot'");
    assertThatThrownBy(() -> Receipt.fromJson(json.replace("\"slot\" : ", "\"slot\" : -")))
        .hasMessageContaining("'slot'");
    assertThatThrownBy(() -> Receipt.fromJson(json.replace("\"proof\" : \"", "\"proof\" : \"!")))
        .hasMessageContaining("'proof'");
    for (String bad : List.of("", "[]", "{", "{\"slot\":1,\"slot\":1}", json + "x", "null")) {
      assertThatThrownBy(() -> Receipt.fromJson(bad)).isInstanceOf(MalformedException.class);
    }
  }
}
