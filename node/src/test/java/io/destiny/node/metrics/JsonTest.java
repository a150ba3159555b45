package io.destiny.node.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void writesNamesNumbersAndWhatHasToBeEscaped() {
    TreeMap<String, Long> views = new TreeMap<>();
    views.put("D0", 1L);
    views.put("O", 2L);
    Json json = new Json().put("a", 1).put("b", "say \"no\"\n\\").put("c", true).put("view", views);

    assertThat(json)
        .hasToString(
            "{\"a\":1,\"b\":\"say \\\"no\\\"\\u000a\\\\\",\"c\":true,"
                + "\"view\":{\"D0\":1,\"O\":2}}");
  }

  @Test
  void writesLists() {
    Json json =
        new Json()
            .putAll("all", List.of(new Json().put("a", 1), new Json()))
            .putNumbers("votes", List.of(0, 2))
            .putNumbers("none", List.of());
    assertThat(json).hasToString("{\"all\":[{\"a\":1}, {}],\"votes\":[0, 2],\"none\":[]}");
  }

  @Test
  void labelsStayBounded() {
    Labels labels = new Labels(2);
    assertThat(labels.bounded("a")).isEqualTo("a");
    assertThat(labels.bounded("b")).isEqualTo("b");
    assertThat(labels.bounded("c")).isEqualTo("other");
    assertThat(labels.bounded("a")).isEqualTo("a");
  }
}
