package io.agentmanager.spring;

import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.StepContext;
import io.agentmanager.worker.StepHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;

/** Finds what runs steps among the beans of an application. */
final class StepHandlers {
  private StepHandlers() {}

  /**
   * The handlers by capability.
   *
   * @throws IllegalStateException when a capability has two, or a method cannot be one; the message
   *     names them
   */
  static Map<String, StepHandler> of(ConfigurableListableBeanFactory beans) {
    Map<String, StepHandler> handlers = new TreeMap<>();
    for (String name : beans.getBeanNamesForType(StepHandler.class)) {
      StepCapability capability = beans.findAnnotationOnBean(name, StepCapability.class);
      if (capability != null) {
        add(handlers, capability.value(), beans.getBean(name, StepHandler.class));
      }
    }
    for (String name : beans.getBeanNamesForType(Object.class, false, false)) {
      Class<?> type = beans.getType(name, false);
      if (type != null && !StepHandler.class.isAssignableFrom(type)) {
        methods(type)
            .forEach(
                (method, capability) ->
                    add(handlers, capability.value(), handler(beans.getBean(name), method)));
      }
    }
    return handlers;
  }

  private static Map<Method, StepCapability> methods(Class<?> type) {
    return MethodIntrospector.selectMethods(
        type,
        (MethodIntrospector.MetadataLookup<@Nullable StepCapability>)
            method ->
                method.isAnnotationPresent(Bean.class)
                    ? null
                    : AnnotatedElementUtils.findMergedAnnotation(method, StepCapability.class));
  }

  private static void add(
      Map<String, StepHandler> handlers, String capability, StepHandler handler) {
    if (handlers.putIfAbsent(capability, handler) != null) {
      throw new IllegalStateException("two beans run the steps of capability " + capability);
    }
  }

  private static StepHandler handler(Object bean, Method declared) {
    boolean takesStep =
        Arrays.equals(declared.getParameterTypes(), new Class<?>[] {StepContext.class});
    boolean returnsOutcome =
        Outcome.class.isAssignableFrom(declared.getReturnType())
            || declared.getReturnType() == String.class;
    if (!takesStep || !returnsOutcome) {
      throw new IllegalStateException(
          declared + " must take a StepContext and return an Outcome or a String");
    }
    Method method = AopUtils.selectInvocableMethod(declared, bean.getClass());
    method.setAccessible(true);
    return step -> outcome(bean, method, step);
  }

  private static Outcome outcome(Object bean, Method method, StepContext step) throws Exception {
    try {
      Object returned = method.invoke(bean, step);
      return switch (returned) {
        case Outcome outcome -> outcome;
        case String text -> Outcome.completed(text);
        case null, default ->
            Outcome.failedForGood("no_outcome", method + " returned " + returned + ".");
      };
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }
}
