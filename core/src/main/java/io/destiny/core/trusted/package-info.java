/**
 * The trusted subsystem as the core sees it (trusted-subsystem.md): calls, answers, certificates.
 */
@NullMarked
package io.destiny.core.trusted;

import org.jspecify.annotations.NullMarked;
