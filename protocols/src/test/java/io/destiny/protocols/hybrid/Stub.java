package io.destiny.protocols.hybrid;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Surroundings of which a test needs a few calls; any other fails it. */
final class Stub {
  /** The answer to one call. */
  @FunctionalInterface
  interface Answer {
    @Nullable Object to(Object[] arguments);
  }

  private Stub() {}

  /**
   * @param answers by the method's name
   */
  static <T> T of(Class<T> type, Map<String, Answer> answers) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              Answer answer = answers.get(method.getName());
              if (answer == null && method.isDefault()) {
                return InvocationHandler.invokeDefault(proxy, method, arguments);
              }
              assertThat(answer).as(method.getName()).isNotNull();
              return answer.to(arguments);
            }));
  }
}
