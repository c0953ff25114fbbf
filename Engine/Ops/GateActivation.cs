using System;
using System.Collections.Immutable;
using System.Linq;
using System.Numerics;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

/// <summary>What a gate of a recurrent op puts on its total.</summary>
public enum GateFunction
{
    /// <summary>max(x, 0), as <see cref="Ops.Relu"/>.</summary>
    Relu = 1,

    /// <summary>tanh(x).</summary>
    Tanh = 2,

    /// <summary>As <see cref="Ops.Sigmoid"/>.</summary>
    Sigmoid = 3,

    /// <summary>alpha·x + beta.</summary>
    Affine = 4,

    /// <summary>As <see cref="Ops.LeakyRelu"/>.</summary>
    LeakyRelu = 5,

    /// <summary>As <see cref="Ops.ThresholdedRelu"/>.</summary>
    ThresholdedRelu = 6,

    /// <summary>alpha·tanh(beta·x).</summary>
    ScaledTanh = 7,

    /// <summary>As <see cref="Ops.HardSigmoid"/>.</summary>
    HardSigmoid = 8,

    /// <summary>As <see cref="Ops.Elu"/>.</summary>
    Elu = 9,

    /// <summary>As <see cref="Ops.Softsign"/>.</summary>
    Softsign = 10,

    /// <summary>As <see cref="Ops.Softplus"/>.</summary>
    Softplus = 11,
}

/// <summary>A function of a gate with its factors; those that the function does not use are 0.</summary>
/// <param name="Function">Which function.</param>
/// <param name="Alpha">First factor.</param>
/// <param name="Beta">Second factor.</param>
public readonly record struct GateActivation(GateFunction Function, float Alpha = 0, float Beta = 0)
{
    /// <summary>Factors that a function takes where none are given; null for one that it does not use.</summary>
    public static (float? Alpha, float? Beta) Defaults(GateFunction function) => function switch
    {
        GateFunction.Affine => (1f, 0f),
        GateFunction.ScaledTanh => (1f, 1f),
        GateFunction.LeakyRelu => (0.01f, null),
        GateFunction.ThresholdedRelu or GateFunction.Elu => (1f, null),
        GateFunction.HardSigmoid => (0.2f, 0.5f),
        _ => (null, null),
    };

    /// <summary>Attributes functions, alphas and betas of a list.</summary>
    internal static ImmutableArray<OpAttribute> Attributes(ImmutableArray<GateActivation> gates) =>
    [
        OpAttribute.Of("activations", [.. gates.Select(gate => (long)gate.Function)]),
        OpAttribute.Of("alphas", [.. gates.Select(gate => (long)BitConverter.SingleToUInt32Bits(Real.Canonical(gate.Alpha)))]),
        OpAttribute.Of("betas", [.. gates.Select(gate => (long)BitConverter.SingleToUInt32Bits(Real.Canonical(gate.Beta)))]),
    ];

    /// <summary>A list of as many gates as the op has, each a function that there is, factors that it does not use 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    internal static ImmutableArray<GateActivation> Held(ImmutableArray<GateActivation> gates, int count)
    {
        if (gates.IsDefault || gates.Length != count)
        {
            throw Error.AttributeCount("activations", count, gates.IsDefault ? 0 : gates.Length);
        }

        foreach (GateActivation gate in gates)
        {
            if (!Enum.IsDefined(gate.Function))
            {
                throw Error.AttributeUnknown("activations", (long)gate.Function);
            }

            (float? alpha, float? beta) = Defaults(gate.Function);
            Unused("alphas", alpha, gate.Alpha);
            Unused("betas", beta, gate.Beta);
        }

        return gates;
    }

    /// <summary>The function as a member of the elementwise family; null for Affine and ScaledTanh, which it has not.</summary>
    internal Unary? Unary => Function switch
    {
        GateFunction.Relu => Ops.Relu.Instance,
        GateFunction.Tanh => Ops.Tanh.Instance,
        GateFunction.Sigmoid => Ops.Sigmoid.Instance,
        GateFunction.LeakyRelu => new LeakyRelu(Alpha),
        GateFunction.ThresholdedRelu => new ThresholdedRelu(Alpha),
        GateFunction.HardSigmoid => new HardSigmoid(Alpha, Beta),
        GateFunction.Elu => new Elu(Alpha),
        GateFunction.Softsign => Ops.Softsign.Instance,
        GateFunction.Softplus => Ops.Softplus.Instance,
        _ => null,
    };

    private static void Unused(string name, float? otherwise, float value)
    {
        if (otherwise is null && BitConverter.SingleToUInt32Bits(value) != 0)
        {
            throw Error.AttributeOutOfRange(name, BitConverter.SingleToUInt32Bits(value), 0, 0);
        }
    }
}

/// <summary>A gate's function in the arithmetic at hand, its argument held within ±clip first.</summary>
/// <typeparam name="T">float or double.</typeparam>
public readonly struct Gate<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly GateActivation _activation;
    private readonly Unary? _unary;
    private readonly T _clip;

    /// <summary>The function with its bound.</summary>
    public Gate(GateActivation activation, float clip)
    {
        _activation = activation;
        _unary = activation.Unary;
        _clip = T.CreateChecked(clip);
    }

    /// <summary>The function at x, every step rounded.</summary>
    public T Of(T x)
    {
        T held = T.IsInfinity(_clip) ? x : T.Min(T.Max(x, -_clip), _clip);
        if (_unary is null)
        {
            T alpha = T.CreateChecked(_activation.Alpha);
            T beta = T.CreateChecked(_activation.Beta);
            return _activation.Function == GateFunction.Affine
                ? (alpha * held) + beta
                : alpha * Functions.Of(Function.Tanh, beta * held);
        }

        return typeof(T) == typeof(float)
            ? Unsafe.BitCast<float, T>(_unary.Map(Unsafe.BitCast<T, float>(held)))
            : Unsafe.BitCast<double, T>(_unary.Map(Unsafe.BitCast<T, double>(held)));
    }
}
