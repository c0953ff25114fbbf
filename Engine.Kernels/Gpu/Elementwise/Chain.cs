using System;
using System.Collections.Generic;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Elementwise;

/// <summary>Elementwise nodes that run together, each on what the one before gave: a program for Texts/chain.h, which runs on every element of a range
/// (Texts/Elementwise.cl), or of what a product makes (Texts/follow.h).</summary>
/// <param name="count">Elements of each node's output.</param>
/// <param name="firstOperand">The first of the stage's operands that is the chain's; those before it are the product's.</param>
internal sealed class Chain(long count, int firstOperand)
{
    /// <summary>Operands that a chain may have.</summary>
    internal const int MostOperands = 12;

    /// <summary>Outputs that may be stored.</summary>
    internal const int MostOutputs = 8;

    /// <summary>Nodes that a chain may have.</summary>
    internal const int MostSteps = 32;

    /// <summary>A source: what the step before gave.</summary>
    internal const int Last = -1;

    /// <summary>A source: what was kept last.</summary>
    internal const int Kept = -2;

    /// <summary>Numbers that a step is.</summary>
    internal const int StepInts = 9;

    private const int Sources = 3;
    private const int KeptBit = 256;

    private readonly List<int> _steps = [];
    private int _head;

    /// <summary>The steps, as the texts read them.</summary>
    internal IReadOnlyList<int> Steps => _steps;

    /// <summary>Whether a step is a function.</summary>
    internal bool HasFunctions { get; private set; }

    /// <summary>The first of the stage's operands that is the chain's.</summary>
    internal int FirstOperand => firstOperand;

    /// <summary>Says what becomes of what the chain begins with.</summary>
    /// <param name="output">The number of the output that it is stored in, from 1; 0 where it is not.</param>
    /// <param name="kept">Whether it is kept.</param>
    internal void Begin(int output, bool kept) => _head = output | (kept ? KeptBit : 0);

    /// <summary>Appends a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="type">The type of its first input.</param>
    /// <param name="step">Its step.</param>
    /// <param name="sources">Of each input the number of an operand of the chain, <see cref="Last"/> or <see cref="Kept"/>.</param>
    /// <param name="output">The number of the output that its result is stored in, from 1; 0 where it is not.</param>
    /// <param name="kept">Whether it is kept.</param>
    internal void Add(Node node, DType type, Step step, IReadOnlyList<int> sources, int output, bool kept)
    {
        if (node.Outputs[0].Elements != count)
        {
            throw new ArgumentException($"{node.Name} has {node.Outputs[0].Elements} elements, the chain {count}", nameof(node));
        }

        HasFunctions |= Step.IsFunction(step.Code);
        _steps.Add(step.Code);
        for (int slot = 0; slot < Sources; slot++)
        {
            _steps.Add(slot < sources.Count ? sources[slot] : Last);
        }

        _steps.Add((int)node.Outputs[0].DType);
        _steps.Add((int)(node.Op is Engine.Ops.Where ? node.Outputs[0].DType : type));
        _steps.Add(BitConverter.SingleToInt32Bits(step.First));
        _steps.Add(BitConverter.SingleToInt32Bits(step.Second));
        _steps.Add(output | (kept ? KeptBit : 0));
    }

    /// <summary>Runs it alone.</summary>
    internal void Run(GpuRun run)
        => run.LaunchEach("Elementwise", HasFunctions ? "chain_functions" : "chain", count, [(int)count, .. Arguments(run)]);

    /// <summary>The arguments that chain.h calls CHAINED.</summary>
    /// <param name="run">The run of its stage.</param>
    internal GpuArgument[] Arguments(GpuRun run)
    {
        List<int> program = [.. _steps];
        GpuArgument[] arguments = new GpuArgument[3 + MostOperands + MostOutputs];
        arguments.AsSpan().Fill(run.Output(0));
        for (int slot = firstOperand; slot < run.AllOperands; slot++)
        {
            Operand operand = run.Operand(slot);
            GpuBuffer buffer = run.Source(slot);
            if (Pattern.Of(operand.Map) is not Pattern pattern)
            {
                (buffer, long offset) = run.Contiguous(slot);
                pattern = new Pattern(offset, 1, (int)count, 1);
            }

            arguments[3 + slot - firstOperand] = buffer;
            pattern.AppendTo(program, operand.Type.DType);
        }

        for (int slot = 0; slot < run.Outputs; slot++)
        {
            arguments[3 + MostOperands + slot] = run.Output(slot);
        }

        arguments[0] = _steps.Count / StepInts;
        arguments[1] = _head;
        arguments[2] = run.Table([.. program]);
        return arguments;
    }

    /// <summary>A map with at most one axis that moves: element i is element offset + (i / divisor % modulus) · stride of the source.</summary>
    internal readonly record struct Pattern(long Offset, int Divisor, int Modulus, int Stride)
    {
        internal static Pattern? Of(AffineView map)
        {
            List<(long Extent, long Stride)> axes = AffineCopy.Merge(map);
            Pattern? found = null;
            long after = 1;
            for (int axis = axes.Count - 1; axis >= 0; axis--)
            {
                (long extent, long stride) = axes[axis];
                if (stride != 0 && extent > 1)
                {
                    if (found is not null || stride is < int.MinValue or > int.MaxValue)
                    {
                        return null;
                    }

                    found = new Pattern(map.Offset, (int)after, (int)extent, (int)stride);
                }

                after *= extent;
            }

            return found ?? new Pattern(map.Offset, 1, 1, 0);
        }

        internal void AppendTo(List<int> program, DType type)
            => program.AddRange([(int)type, Divisor, Modulus, Stride, unchecked((int)Offset), (int)(Offset >> 32)]);
    }
}
