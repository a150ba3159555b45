package io.destiny.cli.mutant;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/**
 * Loads the project's classes anew, the patched ones in place of their originals; all others come
 * from the parent.
 */
final class MutantLoader extends ClassLoader {
  private static final String OWN = "io.destiny.";

  private final Map<String, byte[]> patched;

  MutantLoader(Map<String, byte[]> patched) {
    super(MutantLoader.class.getClassLoader());
    this.patched = patched;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(OWN)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> known = findLoadedClass(name);
      return known != null ? known : define(name);
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    byte[] bytes = patched.get(name);
    if (bytes == null) {
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        bytes = in.readAllBytes();
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
    return defineClass(name, bytes, 0, bytes.length);
  }
}
