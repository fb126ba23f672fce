#!/usr/bin/env bash
# From raw data to the checkpoint `biology`, in the way of the shipped one: fine-tuned from `math`, averaged with it.
#
#   runs/biology.sh DATA OUT        with the shards and the math checkpoint in OUT; runs/math.sh makes them if need be
#   runs/biology.sh --smoke OUT     every step, small, on made-up data
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python}
score="$python -m img2latex.evaluate"

if [[ ${1:-} == --smoke && $# == 2 ]]; then
    score="$score --limit 3"  # a model that has learnt nothing writes until it may not
    out=$2
    train="$python train.py --minutes 0.05 --warmup-steps 5 --pool 64 --threads 1 --no-bf16 --workers 0 --device cpu"
elif [[ $# == 2 && $1 != -* ]]; then
    out=$2
    train="torchrun --nproc_per_node=2 train.py --threads 1 --local-seconds 25 --minutes 7 --learning-rate 3e-4"
else
    sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
[[ -f $out/math/config.json ]] || runs/math.sh "$1" "$out"

$train --recipe biology --data-root "$out/shards" --val "$out"/val/* --out "$out/runs/biology" \
    --init "$out/math" --freeze-stem
$python -m img2latex.training.average "$out/runs/biology/last" "$out/math" --out "$out/average-biology"
$python -m img2latex.scoring.calibrate "$out/average-biology" --shards "$out"/val/{biology,math} \
    --handwritten "$out/val/ink" --out "$out/biology"
$score --shards "$out/val/biology" --checkpoint "$out/biology"
echo "The checkpoint is in $out/biology."
