using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Linq;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

/// <summary>The closed list of operations of semantics 1, and the way back from an operation's record to the operation.</summary>
public static class OpSet
{
    private const int Version = 1;

    private static readonly Op[] Plain =
    [
        Abs.Instance, Acos.Instance, Acosh.Instance, Add.Instance, And.Instance, Asin.Instance, Asinh.Instance, Atan.Instance, Atanh.Instance,
        Ceil.Instance, Clip.Instance, Copy.Instance, Cos.Instance, Cosh.Instance, DequantizeLinear.Instance, Det.Instance, Div.Instance,
        DotInteger.Instance, DynamicQuantizeLinear.Instance, Equal.Instance, Erf.Instance, Exp.Instance, Floor.Instance, Gelu.Instance,
        GeluTanh.Instance, GlobalAveragePool.Instance, Greater.Instance, GreaterOrEqual.Instance, HardSwish.Instance, Less.Instance,
        LessOrEqual.Instance, Log.Instance, Max.Instance, Min.Instance, Mul.Instance, Neg.Instance, Not.Instance, Or.Instance, Pow.Instance,
        QLinearDot.Instance, QuantizeLinear.Instance, Reciprocal.Instance, Relu.Instance, Round.Instance, Sigmoid.Instance, Sign.Instance,
        Sin.Instance, Sinh.Instance, Softplus.Instance, Softsign.Instance, Sqrt.Instance, Sub.Instance, Tan.Instance, Tanh.Instance, Where.Instance,
        Xor.Instance,
    ];

    // The way back for each name, attributes in their fixed order.
    private static readonly FrozenDictionary<string, Func<Given, Op>> Makers = Plain
        .Select(op => KeyValuePair.Create<string, Func<Given, Op>>(op.Name, _ => op))
        .Concat(new Dictionary<string, Func<Given, Op>>
        {
            ["ArgMax"] = given => new ArgMax(given.Flag(0), given.Flag(1)),
            ["AveragePool"] = given => new AveragePool(given.Window(), given.Flag(6)),
            ["BatchNorm"] = given => new BatchNorm(given.Single(0)),
            ["BitCast"] = given => new BitCast((DType)given.Int(0)),
            ["BitShift"] = given => new BitShift(given.Flag(0)),
            ["Cast"] = given => new Cast((DType)given.Int(0)),
            ["Col2Im"] = given => new Col2Im(given.Window(), given.List(6)),
            ["Concat"] = given => new Concat(given.Int(0)),
            ["Conv"] = given => new Conv(given.Window(), given.Long(6)),
            ["ConvInteger"] = given => new ConvInteger(given.Window(), given.Long(6)),
            ["Cumulate"] = given => new Cumulate(given.Flag(0)),
            ["Dft"] = given => new Dft(given.Long(0), given.Flag(1)),
            ["Dot"] = given => new Dot(given.Single(0), given.Single(1)),
            ["Elu"] = given => new Elu(given.Single(0)),
            ["Gather"] = given => new Gather(given.Int(0)),
            ["GatherElements"] = given => new GatherElements(given.Int(0)),
            ["GridSample"] = given => new GridSample((Interpolation)given.Int(0), (Outside)given.Int(1), (GridUnit)given.Int(2)),
            ["Gru"] = given => new Gru(given.Gates(), given.Single(3), given.Flag(4)),
            ["HardSigmoid"] = given => new HardSigmoid(given.Single(0), given.Single(1)),
            ["LayerNorm"] = given => new LayerNorm(given.Single(0)),
            ["LeakyRelu"] = given => new LeakyRelu(given.Single(0)),
            ["LpPool"] = given => new LpPool(given.Window(), given.Long(6)),
            ["Lstm"] = given => new Lstm(given.Gates(), given.Single(3), given.Flag(4)),
            ["MaxPool"] = given => new MaxPool(given.Window(), given.Flag(6)),
            ["MaxRoiPool"] = given => new MaxRoiPool(given.Long(0), given.Long(1), given.Single(2)),
            ["Mod"] = given => new Mod(given.Flag(0)),
            ["QLinearConv"] = given => new QLinearConv(given.Window(), given.Long(6)),
            ["RandomBits"] = given => new RandomBits(new Shape(given.List(0).AsSpan()), given.Word(1)),
            ["Range"] = given => new Range(given.Long(0)),
            ["Reduce"] = given => new Reduce((Reduction)given.Int(0), given.Int(1)),
            ["Resample"] = given => new Resample(given.Int(0)),
            ["RmsNorm"] = given => new RmsNorm(given.Single(0)),
            ["Rnn"] = given => new Rnn(given.Gates(), given.Single(3)),
            ["RoiAlign"] = given => new RoiAlign(
                (RoiPooling)given.Int(0), given.Long(1), given.Long(2), given.Long(3), given.Single(4), given.Flag(5)),
            ["Scatter"] = given => new Scatter((Scattering)given.Int(0), given.Int(1)),
            ["Selu"] = given => new Selu(given.Single(0), given.Single(1)),
            ["Softmax"] = given => new Softmax(given.Flag(0)),
            ["ThresholdedRelu"] = given => new ThresholdedRelu(given.Single(0)),
            ["TopK"] = given => new TopK(given.Long(0), given.Flag(1)),
            ["View"] = given => new View(new AffineView(new Shape(given.List(0).AsSpan()), given.Long(1), given.List(2))),
        })
        .ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Name and version of every operation, names in ordinal order.</summary>
    public static ImmutableArray<(string Name, int Version)> All { get; } =
        [.. Makers.Keys.Order(StringComparer.Ordinal).Select(name => (name, Version))];

    /// <summary>Makes an operation from its name, version and the values of its attributes in their fixed order.</summary>
    /// <param name="name">Name, as in <see cref="Op.Name"/>.</param>
    /// <param name="version">Version, as in <see cref="Op.Version"/>.</param>
    /// <param name="attributes">As in <see cref="Op.Attributes"/>, without their names. Nobody need vouch for them.</param>
    /// <param name="op">The operation; its own attributes equal what was given.</param>
    /// <returns>False where there is no such operation, or it cannot have these attributes.</returns>
    public static bool TryCreate(
        string name, int version, ReadOnlySpan<ImmutableArray<long>> attributes, [NotNullWhen(true)] out Op? op)
    {
        ArgumentNullException.ThrowIfNull(name);
        op = null;
        if (version != Version || attributes.Length > Given.Most || !Makers.TryGetValue(name, out Func<Given, Op>? maker))
        {
            return false;
        }

        foreach (ImmutableArray<long> values in attributes)
        {
            if (values.IsDefault || values.Length > Limits.Rank)
            {
                return false;
            }
        }

        try
        {
            Op made = maker(new Given([.. attributes]));
            op = Has(made, attributes) ? made : null;
        }
        catch (ArgumentException)
        {
            // The operation's own rules refuse the values: they are stated once, in its constructor.
        }

        return op is not null;
    }

    private static bool Has(Op op, ReadOnlySpan<ImmutableArray<long>> attributes)
    {
        bool same = op.Attributes.Length == attributes.Length;
        for (int i = 0; same && i < attributes.Length; i++)
        {
            same = op.Attributes[i].Values.AsSpan().SequenceEqual(attributes[i].AsSpan());
        }

        return same;
    }

    // Attribute values as somebody gave them.
    private readonly struct Given(ImmutableArray<ImmutableArray<long>> attributes)
    {
        // Lists of a window and one more attribute.
        internal const int Most = 7;

        internal ImmutableArray<long> List(int index)
            => index < attributes.Length ? attributes[index] : throw Error.AttributeCount("an op", index + 1, attributes.Length);

        internal long Long(int index)
            => List(index).Length == 1 ? List(index)[0] : throw Error.AttributeCount("an attribute", 1, List(index).Length);

        internal int Int(int index) => (int)OpAttribute.Held("int", Long(index), int.MinValue, int.MaxValue);

        internal uint Word(int index) => (uint)OpAttribute.Held("word", Long(index), 0, uint.MaxValue);

        internal bool Flag(int index) => OpAttribute.Held("flag", Long(index), 0, 1) == 1;

        internal float Single(int index) => Single(Long(index));

        // Functions, first and second factors.
        internal ImmutableArray<GateActivation> Gates()
        {
            (ImmutableArray<long> functions, ImmutableArray<long> alphas, ImmutableArray<long> betas) = (List(0), List(1), List(2));
            return alphas.Length != functions.Length || betas.Length != functions.Length
                ? throw Error.AttributeCount("activations", functions.Length, Math.Min(alphas.Length, betas.Length))
                : [.. functions.Select((function, i) => new GateActivation(
                    (GateFunction)OpAttribute.Held("activations", function, 0, int.MaxValue), Single(alphas[i]), Single(betas[i])))];
        }

        private static float Single(long value) => BitConverter.UInt32BitsToSingle((uint)OpAttribute.Held("float", value, 0, uint.MaxValue));

        internal Window Window() => new(List(0), List(1), List(2), List(3), List(4), List(5));
    }
}
